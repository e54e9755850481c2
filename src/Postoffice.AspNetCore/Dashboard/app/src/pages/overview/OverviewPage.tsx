import { config } from '../../api/config';
import type { Attention, Node, Overview, Single } from '../../api/types';
import { useData } from '../../live/useData';
import { Chart } from '../../ui/Chart';
import { Stat } from '../../ui/Facts';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { links } from '../../ui/links';
import { milliseconds, number, rate } from '../../ui/format';
import { Page, Section } from '../../ui/Page';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { Told } from '../../ui/Told';
import { AttentionState } from './AttentionState';

/** The server tells of so many that need attention, the worst first. */
const mostAttention = 50;

/** Is the mail moving, and if not, where does it stop? */
export function OverviewPage() {
  const { data, error, isLoading, reload } = useData<Single<Overview>>('/overview');
  return (
    <Page title="Overview">
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && <Content overview={data.data} />}
    </Page>
  );
}

function Content({ overview }: { overview: Overview }) {
  if (overview.topics === 0) {
    return (
      <Empty title="No topics yet.">
        <p>{config.read_only ? 'Everything that happens shows here, once there is one.' : <><a href={links.newTopic()}>Create a topic</a>, give it a publisher, and send it a first message.</>}</p>
      </Empty>
    );
  }

  return (
    <>
      <div class="stats">
        <Stat name="Received" href={links.messages()} note={`${number(overview.received)} ever`}>{rate(overview.received_rate)} <small>/s</small></Stat>
        <Stat name="Delivered" note={`${number(overview.delivered)} ever`}>{rate(overview.delivered_rate)} <small>/s</small></Stat>
        <Stat name="Waiting" href={links.publishers()} note="for their turn">{number(overview.waiting)}</Stat>
        <Stat name="Parked" href={links.messages({ state: 'parked' })} note="for another attempt">{number(overview.parked)}</Stat>
        <Stat name="Dead" href={links.deadLetters()} note="given up">{number(overview.dead)}</Stat>
        <Stat name="Latency" note={overview.latency ? `p99 ${milliseconds(overview.latency.p99_ms)}` : 'received to delivered'}>
          {overview.latency ? <>{milliseconds(overview.latency.p50_ms)} <small>p50</small></> : '–'}
        </Stat>
      </div>
      <Chart
        label="Messages a minute"
        series={[
          { name: 'received', values: overview.minutes.map(minute => minute.received), look: 'first' },
          { name: 'delivered', values: overview.minutes.map(minute => minute.delivered), look: 'second' },
          { name: 'failed attempts', values: overview.minutes.map(minute => minute.failed), look: 'third' },
        ]}
      />
      <Section title="Needs attention" actions={overview.attention.length >= mostAttention && <>The {number(mostAttention)} worst. <a href={links.publishers()}>All {number(overview.publishers)} publishers</a></>}>
        <NeedsAttention attention={overview.attention} publishers={overview.publishers} />
      </Section>
      <Section title="Nodes">
        <Nodes nodes={overview.nodes} />
      </Section>
    </>
  );
}

function NeedsAttention({ attention, publishers }: { attention: Attention[]; publishers: number }) {
  if (publishers === 0) {
    return (
      <Empty title="No publishers yet.">
        Messages are kept meanwhile. {!config.read_only && <><a href={links.newPublisher()}>Create a publisher</a>: it delivers them all, unless told otherwise.</>}
      </Empty>
    );
  }

  if (attention.length === 0) {
    return <Empty title="Nothing: all publishers deliver." />;
  }

  return (
    <Table
      label="Publishers that need attention"
      rows={attention}
      keyOf={row => row.publisher_id}
      linkOf={row => links.publisher(row.publisher_id)}
      columns={[
        { title: 'Publisher', show: row => <><strong>{row.topic}</strong> <br /><span class="target">{row.target}</span></>, isWide: true },
        { title: 'State', show: row => <AttentionState reason={row.reason} /> },
        { title: 'Why', show: row => <div><Told text={row.text} /></div>, isWide: true },
        { title: 'Since', show: row => (row.since ? <Time at={row.since} /> : '') },
        { title: 'Lag', show: row => number(row.lag), isNumber: true },
        { title: 'Parked', show: row => number(row.parked), isNumber: true },
        { title: 'Dead', show: row => number(row.dead), isNumber: true },
      ]}
    />
  );
}

function Nodes({ nodes }: { nodes: Node[] }) {
  if (nodes.length === 0) {
    return <Empty title="No node delivers.">Messages are kept. Start a node with <code>Postoffice:Pipeline:Enabled</code> true.</Empty>;
  }

  return (
    <Table
      label="Nodes"
      rows={nodes}
      keyOf={node => node.id}
      columns={[
        { title: 'Host', show: node => node.host },
        { title: 'Id', show: node => <code>{node.id.slice(0, 8)}</code> },
        { title: 'Publishers', show: node => number(node.publishers), isNumber: true },
        { title: 'Started', show: node => <Time at={node.started_at} /> },
        { title: 'Last heard of', show: node => <Time at={node.heartbeat_at} /> },
      ]}
    />
  );
}
