import { useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { config } from '../../api/config';
import type { Single, Topic } from '../../api/types';
import { useData } from '../../live/useData';
import { Facts } from '../../ui/Facts';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { number, rate } from '../../ui/format';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { Time } from '../../ui/Time';
import { ActivitySection } from '../activity/ActivitySection';
import { DeleteTopic } from './DeleteTopic';
import { NewestMessages } from './NewestMessages';
import { SendMessage } from './SendMessage';
import { TopicPublishers } from './TopicPublishers';

/** One topic: what comes in, who delivers it, and a first message by hand. */
export function TopicPage() {
  const name = useRoute().params.name ?? '';
  const { data, error, isLoading, reload } = useData<Single<Topic>>(`/topics/${encodeURIComponent(name)}`);
  const crumb = { href: links.topics(), text: 'Topics' };
  if (error?.status === 404) {
    return <Page title={name} crumb={crumb}><Empty title="There is no such topic.">It may have been deleted. <a href={links.topics()}>See all topics</a>.</Empty></Page>;
  }

  return (
    <Page title={name} crumb={crumb} actions={data && !config.read_only && <Actions topic={data.data} />}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && <Content topic={data.data} />}
    </Page>
  );
}

function Actions({ topic }: { topic: Topic }) {
  const [open, setOpen] = useState<'send' | 'delete'>();
  const close = () => setOpen(undefined);
  const isUnused = topic.messages === 0 && topic.publishers === 0;
  return (
    <>
      <button type="button" onClick={() => setOpen('send')}>Send a test message</button>
      <a class="button" href={links.newPublisher(topic.name)}>New publisher</a>
      {isUnused && <button type="button" class="danger" onClick={() => setOpen('delete')}>Delete</button>}
      {open === 'send' && <SendMessage topic={topic} onClose={close} />}
      {open === 'delete' && <DeleteTopic topic={topic} onClose={close} />}
    </>
  );
}

function Content({ topic }: { topic: Topic }) {
  return (
    <>
      <Facts
        facts={[
          ['Messages kept', number(topic.messages)],
          ['Last position', number(topic.head)],
          ['Received', `${rate(topic.received_rate)} a second`],
          ['Newest message', <Time at={topic.last_received_at} />],
          ['Publishers', number(topic.publishers)],
          ['Origin host', topic.origin_host ?? '–'],
          ['Recovery', topic.recovery_enabled ? 'allowed from the origin host' : 'no'],
          ['Created', <Time at={topic.created_at} />],
        ]}
      />
      <ActivitySection topic={topic.name} />
      <TopicPublishers topic={topic} />
      <NewestMessages topic={topic} />
    </>
  );
}
