import { useLocation } from 'preact-iso/router';
import { query } from '../../api/client';
import { config } from '../../api/config';
import type { List, Topic } from '../../api/types';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { number, rate } from '../../ui/format';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { Pager } from '../../ui/Pager';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';

const pageSize = 50;

/** All topics, oldest first. */
export function TopicsPage() {
  const { query: asked } = useLocation();
  const { data, error, isLoading, reload } = useData<List<Topic>>('/topics' + query({ limit: pageSize, after: asked.after }));
  return (
    <Page title="Topics" actions={!config.read_only && <a class="button primary" href={links.newTopic()}>New topic</a>}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (data.data.length === 0 && !asked.after ? <NoTopics /> : <Topics topics={data.data} />)}
      {data && <Pager next={data.next} />}
    </Page>
  );
}

function NoTopics() {
  return (
    <Empty title="No topics yet.">
      A topic is a log of messages; its publishers deliver them. {!config.read_only && <><a href={links.newTopic()}>Create the first topic</a>.</>}
    </Empty>
  );
}

function Topics({ topics }: { topics: Topic[] }) {
  return (
    <Table
      label="Topics"
      rows={topics}
      keyOf={topic => topic.id}
      linkOf={topic => links.topic(topic.name)}
      columns={[
        { title: 'Topic', show: topic => topic.name, isWide: true },
        { title: 'Messages kept', show: topic => number(topic.messages), isNumber: true },
        { title: 'Received /s', show: topic => rate(topic.received_rate), isNumber: true },
        { title: 'Publishers', show: topic => number(topic.publishers), isNumber: true },
        { title: 'Origin host', show: topic => <span class="excerpt target" title={topic.origin_host ?? undefined}>{topic.origin_host ?? '–'}</span> },
        { title: 'Newest message', show: topic => <Time at={topic.last_received_at} /> },
      ]}
    />
  );
}
