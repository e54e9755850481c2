import { Confirm } from '../../ui/Dialog';
import { Loading, Problem } from '../../ui/Feedback';
import { count, number } from '../../ui/format';
import type { Bulk, BulkControls, Verb } from './useBulk';

const words: Record<Verb, { name: string; doing: string; done: string }> = {
  retry: { name: 'Retry', doing: 'Retrying', done: 'Retried' },
  discard: { name: 'Discard', doing: 'Discarding', done: 'Discarded' },
};

const letters = (value: number) => count(value, 'dead letter');

/** Asks before many dead letters are changed, shows how far it is, and how it ended. */
export function BulkProgress({ controls: { bulk, run, stop, close } }: { controls: BulkControls }) {
  if (!bulk) {
    return null;
  }

  const { name, doing, done } = words[bulk.verb];
  switch (bulk.phase) {
    case 'counting':
    case 'asking':
      return (
        <Confirm
          title={`${name} dead letters`}
          action={`${name} ${letters(bulk.total)}`}
          isDangerous={bulk.verb === 'discard'}
          isBusy={bulk.phase === 'counting' || bulk.total === 0}
          error={bulk.error}
          onConfirm={run}
          onClose={close}
        >
          <Question bulk={bulk} />
        </Confirm>
      );
    case 'running':
      return (
        <div class="card">
          <p role="status">{doing} {bulk.of}: {number(bulk.done)} of {number(bulk.total)}. Leaving this page stops it.</p>
          <progress value={bulk.done} max={bulk.total} aria-label={doing} />
          <div class="actions"><button type="button" onClick={stop}>Stop</button></div>
        </div>
      );
    case 'done':
      return (
        <div class="card">
          <p role="status">
            {done} {letters(bulk.done)} of {bulk.of}.
            {bulk.isStopped && ` Stopped: ${letters(bulk.total - bulk.done)} of them are left.`}
            {bulk.verb === 'retry' && bulk.done > 0 && ' What fails again comes back here when its attempts run out.'}
          </p>
          <Problem error={bulk.error} />
          <div class="actions">
            {(bulk.isStopped || bulk.error) && <button type="button" onClick={run}>Go on</button>}
            <button type="button" onClick={close}>Close</button>
          </div>
        </div>
      );
  }
}

function Question({ bulk: { phase, verb, total, of, error } }: { bulk: Bulk }) {
  if (phase === 'counting') {
    return <Loading />;
  }

  if (error) {
    return null;
  }

  if (total === 0) {
    return <p>None is left of {of}.</p>;
  }

  return verb === 'retry'
    ? <p>This retries <strong>{letters(total)}</strong> of {of}: each is due now, its earlier attempts notwithstanding, and is sent as fast as its publisher sends.</p>
    : <p>This gives up <strong>{letters(total)}</strong> of {of} for good: they are not sent any more. Their messages stay in their topics.</p>;
}
