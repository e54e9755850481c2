import { useState } from 'preact/hooks';
import { post } from '../../api/client';
import type { DeadLetter } from '../../api/types';
import { config } from '../../api/config';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { Notice, Problem } from '../../ui/Feedback';
import { count, number } from '../../ui/format';
import { links } from '../../ui/links';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';

/** Dead letters one by one; a row leads to the message. */
export function Letters({ letters, onChange }: { letters: DeadLetter[]; onChange: () => void }) {
  const [asked, setAsked] = useState<DeadLetter>();
  const [said, setSaid] = useState('');
  const retrying = useAction();
  const discarding = useAction();

  const retry = (letter: DeadLetter) => retrying.run(async () => {
    await post(`/dead_letters/${letter.id}/retry`);
    setSaid(`Dead letter ${letter.id} is due now.`);
    onChange();
  });
  const discard = (letter: DeadLetter) => discarding.run(async () => {
    await post(`/dead_letters/${letter.id}/discard`);
    setAsked(undefined);
    setSaid(`Dead letter ${letter.id} is discarded.`);
    onChange();
  });

  const columns: Column<DeadLetter>[] = [
    { title: 'Died', show: letter => <><Time at={letter.died_at} /><span class="unseen"> message {letter.message_id}</span></> },
    { title: 'Topic', show: letter => letter.topic },
    { title: 'Target', show: letter => <a class="target" href={links.publisher(letter.publisher_id)}>{letter.target}</a>, isWide: true },
    { title: 'Reason', show: letter => <span class="whole">{letter.reason}</span> },
    { title: 'Attempts', show: letter => number(letter.attempts), isNumber: true },
    { title: 'Status', show: letter => letter.status_code ?? '', isNumber: true },
    { title: 'Error', show: letter => <span class="excerpt letter-error">{letter.error}</span> },
  ];
  if (!config.read_only) {
    columns.push({
      title: 'Actions',
      show: letter => (
        <span class="row-actions">
          <button type="button" disabled={retrying.isBusy} aria-label={`Retry ${letter.id}`} onClick={() => void retry(letter)}>Retry</button>
          <button type="button" class="danger" aria-label={`Discard ${letter.id}`} onClick={() => { discarding.clear(); setAsked(letter); }}>Discard</button>
        </span>
      ),
    });
  }

  return (
    <>
      {said && <Notice>{said}</Notice>}
      <Problem error={retrying.error} />
      <Table label="Dead letters, newest first" rows={letters} keyOf={letter => letter.id} linkOf={letter => links.message(letter.message_id)} columns={columns} />
      {asked && (
        <Confirm
          title="Discard a dead letter"
          action="Discard 1 dead letter"
          isDangerous
          isBusy={discarding.isBusy}
          error={discarding.error}
          onConfirm={() => void discard(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>
            The message at position {number(asked.position)} of topic {asked.topic} will not be sent to <strong>{asked.target}</strong> any more,
            after {count(asked.attempts, 'attempt')}. It stays in the topic.
            {asked.blocks_key && <> Its ordering key <code>{asked.ordering_key}</code> is free then: what waits behind it is sent.</>}
          </p>
        </Confirm>
      )}
    </>
  );
}
