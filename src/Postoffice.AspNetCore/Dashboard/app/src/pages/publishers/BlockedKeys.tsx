import { useLocation } from 'preact-iso/router';
import { query } from '../../api/client';
import type { BlockedKey, List, Publisher } from '../../api/types';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { number } from '../../ui/format';
import { links } from '../../ui/links';
import { Section } from '../../ui/Page';
import { Pager } from '../../ui/Pager';
import { State } from '../../ui/State';
import { Table } from '../../ui/Table';
import { Time } from '../../ui/Time';

/** The ordering keys that are held up, and by which message. */
export function BlockedKeys({ publisher }: { publisher: Publisher }) {
  const { query: asked } = useLocation();
  const { data, error, isLoading, reload } = useData<List<BlockedKey>>(`/publishers/${publisher.id}/blocked_keys` + query({ limit: 20, after: asked.key }));
  return (
    <Section title="Ordering keys that are held up" actions={publisher.dead > 0 && <a href={links.deadLetters({ publisher_id: publisher.id })}>Its dead letters</a>}>
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (data.data.length === 0 && !asked.key ? <Empty title="None: every key goes on." /> : <Keys keys={data.data} />)}
      {data && <Pager next={data.next} parameter="key" />}
    </Section>
  );
}

function Keys({ keys }: { keys: BlockedKey[] }) {
  return (
    <Table
      label="Ordering keys that are held up"
      rows={keys}
      keyOf={row => row.key}
      linkOf={row => links.message(row.head.message_id)}
      columns={[
        { title: 'Key', show: row => <code>{row.key}</code>, isWide: true },
        { title: 'State', show: row => <KeyState of={row} /> },
        { title: 'Held up by', show: row => `position ${number(row.head.position)}: ${row.head.reason}`, isWide: true },
        { title: 'Attempts', show: row => number(row.head.attempts), isNumber: true },
        { title: 'Next attempt', show: row => (row.head.due_at ? <Time at={row.head.due_at} /> : '') },
        { title: 'Waiting behind it', show: row => number(row.waiting), isNumber: true },
      ]}
    />
  );
}

function KeyState({ of: { state } }: { of: BlockedKey }) {
  return state === 'dead' ? <State tone="bad" title="Its first is a dead letter: retry or discard that, and the key goes on.">dead letter</State>
    : state === 'next' ? <State tone="busy" title="Its first goes out next.">goes next</State>
    : <State tone="warn" title="Its first has failed and waits for another attempt.">parked</State>;
}
