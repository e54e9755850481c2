import { query } from '../../api/client';
import { config } from '../../api/config';
import type { List, Publisher, Topic } from '../../api/types';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { number } from '../../ui/format';
import { links } from '../../ui/links';
import { Section } from '../../ui/Page';
import { Table } from '../../ui/Table';
import { PublisherState } from '../publishers/PublisherState';

const shown = 20;

/** Who delivers a topic, and how they stand. */
export function TopicPublishers({ topic }: { topic: Topic }) {
  const { data, error, isLoading, reload } = useData<List<Publisher>>('/publishers' + query({ topic: topic.name, limit: shown }));
  return (
    <Section title="Publishers" actions={data?.next != null && <a href={links.publishers(topic.name)}>All {number(topic.publishers)} publishers</a>}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (data.data.length === 0 ? <NoPublishers topic={topic} /> : <Publishers publishers={data.data} />)}
    </Section>
  );
}

function NoPublishers({ topic }: { topic: Topic }) {
  return (
    <Empty title="Nobody delivers these messages.">
      They are kept meanwhile. {!config.read_only && <><a href={links.newPublisher(topic.name)}>Create a publisher</a>: it delivers them all, unless told otherwise.</>}
    </Empty>
  );
}

function Publishers({ publishers }: { publishers: Publisher[] }) {
  return (
    <Table
      label="Publishers of the topic"
      rows={publishers}
      keyOf={publisher => publisher.id}
      linkOf={publisher => links.publisher(publisher.id)}
      columns={[
        { title: 'Target', show: publisher => publisher.target, isWide: true },
        { title: 'State', show: publisher => <PublisherState publisher={publisher} /> },
        { title: 'Lag', show: publisher => number(publisher.lag), isNumber: true },
        { title: 'Parked', show: publisher => number(publisher.parked), isNumber: true },
        { title: 'Dead', show: publisher => number(publisher.dead), isNumber: true },
      ]}
    />
  );
}
