import { useRoute } from 'preact-iso/router';
import { useCallback, useState } from 'preact/hooks';
import { config } from '../../api/config';
import type { Publisher, Single } from '../../api/types';
import { useData } from '../../live/useData';
import { Loading, Notice, Problem } from '../../ui/Feedback';
import { links } from '../../ui/links';
import { Page, Section } from '../../ui/Page';
import { ActivitySection } from '../activity/ActivitySection';
import { BlockedKeys } from './BlockedKeys';
import { DoingNow } from './DoingNow';
import { NoSuchPublisher } from './NoSuchPublisher';
import { PublisherActions } from './PublisherActions';
import { PublisherFacts } from './PublisherFacts';
import { ReplayProgress } from './ReplayProgress';
import { SettingsInWords } from './SettingsInWords';

/** One publisher: what it does now, where it stands, and everything that can be done about it. */
export function PublisherPage() {
  const id = useRoute().params.id ?? '';
  const { data, error, isLoading, reload } = useData<Single<Publisher>>(`/publishers/${encodeURIComponent(id)}`);
  const [notice, setNotice] = useState<string>();
  const onDone = useCallback((text: string) => {
    setNotice(text);
    reload();
  }, [reload]);

  if (error?.status === 404) {
    return <NoSuchPublisher id={id} />;
  }

  const publisher = data?.data;
  return (
    <Page
      title={publisher?.target ?? `Publisher ${id}`}
      crumb={publisher ? { href: links.topic(publisher.topic), text: publisher.topic } : { href: links.publishers(), text: 'Publishers' }}
      actions={publisher && !config.read_only && <PublisherActions publisher={publisher} onDone={onDone} />}
    >
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {notice && <Notice>{notice}</Notice>}
      {publisher && <Content publisher={publisher} onDone={onDone} />}
    </Page>
  );
}

function Content({ publisher, onDone }: { publisher: Publisher; onDone: (text: string) => void }) {
  return (
    <>
      <DoingNow publisher={publisher} />
      {publisher.replay && <ReplayProgress publisher={publisher} replay={publisher.replay} onDone={onDone} />}
      <PublisherFacts publisher={publisher} />
      <ActivitySection publisherId={publisher.id} />
      {publisher.ordering === 'key' && <BlockedKeys publisher={publisher} />}
      <Section title="Settings" actions={!config.read_only && <a href={links.editPublisher(publisher.id)}>Edit</a>}>
        <SettingsInWords publisher={publisher} />
      </Section>
    </>
  );
}
