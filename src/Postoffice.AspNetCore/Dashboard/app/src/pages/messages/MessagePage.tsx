import { useRoute } from 'preact-iso/router';
import { config } from '../../api/config';
import type { Explanations, Message, Single } from '../../api/types';
import { useData } from '../../live/useData';
import { Copy } from '../../ui/Code';
import { Facts } from '../../ui/Facts';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { bytes, number } from '../../ui/format';
import { links } from '../../ui/links';
import { Page, Section } from '../../ui/Page';
import { Table } from '../../ui/Table';
import { ExactTime, Time } from '../../ui/Time';
import { DeliveryCard } from './DeliveryCard';
import { DeliverySummary } from './DeliverySummary';
import { PayloadView } from './PayloadView';
import { readMessage, type ReadMessage } from './readMessage';
import { shortId } from './search';

const crumb = { href: links.messages(), text: 'Messages' };

/** One message: what it carries, and how each publisher stands with it. */
export function MessagePage() {
  const { id = '' } = useRoute().params;
  const path = `/messages/${encodeURIComponent(id)}`;
  const { data, error, isLoading, reload } = useData<ReadMessage>(path, false, readMessage);
  const explained = useData<Single<Explanations>>(data?.message.state === 'in_log' ? `${path}/explain` : null);

  if (error?.status === 404) {
    return (
      <Page title="No such message" crumb={crumb}>
        <Empty title={`There is no message ${id}.`}>
          <p>It was never received here, or it is older than what is kept. <a href={links.messages()}>Search for messages</a></p>
        </Empty>
      </Page>
    );
  }

  const again = () => {
    reload();
    explained.reload();
  };
  return (
    <Page title={`Message ${shortId(id)}`} crumb={crumb}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && <Content key={data.message.id} read={data} explanations={explained.data?.data} onChange={again} />}
    </Page>
  );
}

function Content({ read: { message, payload }, explanations, onChange }: { read: ReadMessage; explanations: Explanations | undefined; onChange: () => void }) {
  return (
    <>
      <Facts facts={facts(message, payload.size)} />
      <Section title="Deliveries" actions={<DeliverySummary deliveries={message.deliveries} />}>
        {message.deliveries.map(delivery => (
          <DeliveryCard
            key={delivery.publisher_id}
            message={message}
            delivery={delivery}
            explanation={explanations?.publishers.find(each => each.publisher_id === delivery.publisher_id)}
            onChange={onChange}
          />
        ))}
        {message.deliveries.length === 0 && <NoDeliveries message={message} />}
      </Section>
      <Section title="Payload">
        <PayloadView payload={payload} />
      </Section>
      <Section title="Attributes">
        <Attributes attributes={message.attributes} />
      </Section>
    </>
  );
}

function facts(message: Message, size: number): Parameters<typeof Facts>[0]['facts'] {
  return [
    ['Id', <><code>{message.id}</code> <Copy text={message.id} label="id" /></>],
    ['Topic', <a href={links.topic(message.topic)}>{message.topic}</a>],
    message.scheduled_at
      ? ['Scheduled', <>due <Time at={message.scheduled_at} /><br /><small><ExactTime at={message.scheduled_at} /></small></>]
      : ['Received', message.received_at ? <><Time at={message.received_at} /><br /><small><ExactTime at={message.received_at} /></small></> : ''],
    ['Position', message.position === undefined ? <span class="none">not in the log yet</span> : number(message.position)],
    ['Ordering key', message.ordering_key ?? <span class="none">none</span>],
    ['Content type', message.content_type],
    ['Size', bytes(size)],
  ];
}

function NoDeliveries({ message }: { message: Message }) {
  return message.state === 'scheduled'
    ? <Empty title="Scheduled.">It enters the topic's log <Time at={message.scheduled_at} />, and then goes to the topic's publishers.</Empty>
    : (
      <Empty title="The topic has no publisher.">
        {!config.read_only && <><a href={links.newPublisher(message.topic)}>Create one</a>: it delivers this message too, unless told otherwise.</>}
      </Empty>
    );
}

function Attributes({ attributes }: { attributes: Record<string, string> }) {
  const rows = Object.entries(attributes);
  return rows.length === 0 ? <p class="none">None.</p> : (
    <Table
      label="Attributes"
      rows={rows}
      keyOf={([name]) => name}
      columns={[
        { title: 'Name', show: ([name]) => <code>{name}</code> },
        { title: 'Value', show: ([, value]) => value, isWide: true },
        { title: 'Others', show: ([name, value]) => <a href={links.messages({ [`attribute.${name}`]: value })}>Find messages like this</a> },
      ]}
    />
  );
}
