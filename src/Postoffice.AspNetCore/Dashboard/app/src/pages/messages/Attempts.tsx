import type { Delivery, FailedAttempt } from '../../api/types';
import { count, milliseconds } from '../../ui/format';
import { Time } from '../../ui/Time';

/** So many of the last are seen at once. */
const most = 5;

/** An error of so many characters need not be folded. */
const shortError = 160;

/** What has been tried, the first first, and what comes next. */
export function Attempts({ delivery }: { delivery: Delivery }) {
  const failed = delivery.failed_attempts;
  const earlier = failed.slice(0, -most);
  const end = ending(delivery);
  if (failed.length === 0 && !end) {
    return null;
  }

  return (
    <>
      {earlier.length > 0 && (
        <details>
          <summary>{count(earlier.length, 'earlier attempt')}</summary>
          <ol class="timeline">{earlier.map(attempt => <Failed key={attempt.at} attempt={attempt} />)}</ol>
        </details>
      )}
      <ol class="timeline">
        {failed.slice(-most).map(attempt => <Failed key={attempt.at} attempt={attempt} />)}
        {end && <li>{end}</li>}
      </ol>
    </>
  );
}

function Failed({ attempt: { attempt, at, status_code, duration_ms, error } }: { attempt: FailedAttempt }) {
  const head = error.split('\n', 1)[0] ?? '';
  return (
    <li>
      <span>Attempt {attempt}<br /><small><Time at={at} /></small></span>
      <div>
        <p>failed{status_code === null ? '' : ` with ${status_code}`} after {milliseconds(duration_ms)}</p>
        {head.length <= shortError && head === error
          ? <p class="attempt-error">{error}</p>
          : <details><summary><span class="attempt-excerpt">{head}</span></summary><pre class="attempt-answer">{error}</pre></details>}
      </div>
    </li>
  );
}

/** What the failed attempts led to. */
function ending({ state, attempts, settled_at, due_at, status_code, duration_ms, reason, failed_attempts }: Delivery) {
  switch (state) {
    case 'delivered':
      return (
        <>
          <span>Attempt {attempts}<br /><small><Time at={settled_at} /></small></span>
          <p><strong>delivered</strong>{status_code === null ? '' : `, answered with ${status_code}`}{duration_ms === null ? '' : ` after ${milliseconds(duration_ms)}`}</p>
        </>
      );
    case 'parked':
      return due_at === null
        ? <><span>Next attempt</span><p>{reason === 'in flight' ? 'under way' : `held up: ${reason ?? 'parked'}`}</p></>
        : <><span>Next attempt</span><p>due <Time at={due_at} /></p></>;
    case 'dead_lettered':
      return <><span>Dead<br /><small><Time at={settled_at} /></small></span><p>given up after {count(attempts, 'attempt')}: {reason}</p></>;
    case 'discarded':
    case 'skipped':
      return settled_at === null || failed_attempts.length === 0 ? null : <><span>{state === 'skipped' ? 'Skipped' : 'Discarded'}</span><p><Time at={settled_at} /></p></>;
    default:
      return null;
  }
}
