import { useLocation } from 'preact-iso/router';
import { query } from '../../api/client';
import { config } from '../../api/config';
import type { List, Publisher } from '../../api/types';
import { TopicField } from '../../filters/TopicField';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { number, percent, rate } from '../../ui/format';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { Pager } from '../../ui/Pager';
import { Table } from '../../ui/Table';
import { PublisherState } from './PublisherState';

const pageSize = 50;

/** All publishers, or those of one topic, oldest first. */
export function PublishersPage() {
  const { query: asked, route } = useLocation();
  const { data, error, isLoading, reload } = useData<List<Publisher>>('/publishers' + query({ topic: asked.topic, limit: pageSize, after: asked.after }));
  return (
    <Page title="Publishers" actions={!config.read_only && <a class="button primary" href={links.newPublisher(asked.topic)}>New publisher</a>}>
      <div class="filters"><TopicField value={asked.topic ?? ''} onChange={topic => route(links.publishers(topic))} /></div>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (data.data.length === 0 && !asked.after ? <NoPublishers topic={asked.topic} /> : <Publishers publishers={data.data} isOfOneTopic={Boolean(asked.topic)} />)}
      {data && <Pager next={data.next} />}
    </Page>
  );
}

function NoPublishers({ topic }: { topic: string | undefined }) {
  return (
    <Empty title={topic ? `Nobody delivers the messages of ${topic}.` : 'No publishers yet.'}>
      A publisher delivers the messages of a topic to a target. {!config.read_only && <><a href={links.newPublisher(topic)}>Create a publisher</a>.</>}
    </Empty>
  );
}

function Publishers({ publishers, isOfOneTopic }: { publishers: Publisher[]; isOfOneTopic: boolean }) {
  return (
    <Table
      label="Publishers"
      rows={publishers}
      keyOf={publisher => publisher.id}
      linkOf={publisher => links.publisher(publisher.id)}
      columns={[
        { title: 'Publisher', show: publisher => (isOfOneTopic ? publisher.target : <>{publisher.topic} <span class="target">{publisher.target}</span></>), isWide: true },
        { title: 'State', show: publisher => <PublisherState publisher={publisher} /> },
        { title: 'Lag', show: publisher => number(publisher.lag), isNumber: true },
        { title: 'Parked', show: publisher => number(publisher.parked), isNumber: true },
        { title: 'Dead', show: publisher => number(publisher.dead), isNumber: true },
        { title: 'Delivered /s', show: publisher => (publisher.rate === null ? '–' : rate(publisher.rate)), isNumber: true },
        { title: 'Errors', show: publisher => (publisher.error_rate === null ? '–' : percent(publisher.error_rate)), isNumber: true },
        { title: 'In flight', show: publisher => (publisher.demand ? number(publisher.demand.in_flight) : '–'), isNumber: true },
        { title: 'Demand', show: ({ demand }) => (demand ? <span title="What the receiver's behaviour makes of its bound, and the bound">{number(demand.effective)} of {number(demand.max)}</span> : '–'), isNumber: true },
      ]}
    />
  );
}
