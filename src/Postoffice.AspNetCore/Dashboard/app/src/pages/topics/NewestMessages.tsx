import { query } from '../../api/client';
import { config } from '../../api/config';
import type { FoundMessage, List, Topic } from '../../api/types';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { bytes, number } from '../../ui/format';
import { links } from '../../ui/links';
import { MessageStates } from '../../ui/MessageStates';
import { Section } from '../../ui/Page';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';

/** What came in last; new ones show up by themselves. */
export function NewestMessages({ topic }: { topic: Topic }) {
  const { data, error, isLoading, reload } = useData<List<FoundMessage>>('/messages' + query({ topic: topic.name, limit: 10 }));
  return (
    <Section title="Newest messages" actions={<a href={links.messages({ topic: topic.name })}>Search in this topic</a>}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (data.data.length === 0 ? <Empty title="No messages yet.">{config.read_only ? 'What is published with' : 'Send a test message, or publish with'} <code>POST /api/messages</code>{config.read_only && ' shows here'}.</Empty> : <Messages messages={data.data} />)}
    </Section>
  );
}

function Messages({ messages }: { messages: FoundMessage[] }) {
  return (
    <Table
      label="Newest messages of the topic"
      rows={messages}
      keyOf={message => message.id}
      linkOf={message => links.message(message.id)}
      columns={[
        { title: 'Message', show: message => <code class="first-lines">{message.excerpt}</code>, isWide: true },
        { title: 'Deliveries', show: message => <MessageStates of={message.deliveries} /> },
        { title: 'Ordering key', show: message => (message.ordering_key === null ? '' : <code class="excerpt" title={message.ordering_key}>{message.ordering_key}</code>) },
        { title: 'Position', show: message => number(message.position), isNumber: true },
        { title: 'Size', show: message => bytes(message.size), isNumber: true },
        { title: 'Received', show: message => <Time at={message.received_at} /> },
      ]}
    />
  );
}
