import { useState } from 'preact/hooks';
import { ApiError, post } from '../../api/client';
import type { Publisher, ReplayResult, Single } from '../../api/types';
import { fromInput, toInput } from '../../filters/utc';
import { useAction } from '../../live/useAction';
import { Check, Choices } from '../../ui/Choices';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { fieldErrors, FormProblem } from '../../ui/FormProblem';
import { count, number } from '../../ui/format';

interface Props {
  publisher: Publisher;
  onDone: (text: string) => void;
  onClose: () => void;
}

type Start = 'from' | 'position' | 'failed';

/** Sends once more what a publisher has settled: first it is counted, then started. */
export function ReplayDialog({ publisher, onDone, onClose }: Props) {
  const action = useAction();
  const [start, setStart] = useState<Start>('from');
  const [from, setFrom] = useState('');
  const [position, setPosition] = useState('1');
  const [isOnlyFailed, setOnlyFailed] = useState(false);
  const [counted, setCounted] = useState<ReplayResult>();

  const ask = async (isDryRun: boolean) => {
    if (start === 'from' && from === '') {
      throw new ApiError(400, '', { from: ["can't be blank"] });
    }

    const meant = start === 'from' ? { from } : start === 'position' ? { position: toNumber(position) } : {};
    const path = `/publishers/${publisher.id}/replay`;
    return (await post<Single<ReplayResult>>(path, { ...meant, only_failed: start === 'failed' || isOnlyFailed, dry_run: isDryRun })).data;
  };
  const run = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      try {
        if (counted) {
          const started = await ask(false);
          onDone(started.messages === 0 ? 'There is nothing to send again any more.' : `The replay has started: ${count(started.messages, 'message')}.`);
        } else {
          setCounted(await ask(true));
        }
      } catch (error) {
        throw error instanceof ApiError && error.status === 409
          ? new ApiError(409, 'A replay of this publisher is under way already, and there is one at a time. Wait until it has ended, or end it on its page.')
          : error;
      }
    });
  };

  return (
    <Dialog title={`Replay for publisher ${publisher.id}`} onClose={onClose}>
      <form class="dialog-body" onSubmit={run} noValidate>
        {counted ? <Counted counted={counted} publisher={publisher} /> : (
          <>
            <p>Sends once more what lies at or before its cursor ({number(publisher.cursor)}), slower than what is new. Receivers get the same message ids again.</p>
            <Choices
              label="What is sent again"
              value={start}
              onChange={setStart}
              choices={[
                { value: 'from', label: 'Everything received since a time' },
                { value: 'position', label: 'Everything from a position on' },
                { value: 'failed', label: 'All dead letters', hint: `${number(publisher.dead)} now` },
              ]}
            />
            {start === 'from' && (
              <Field label="Received since (UTC)" errors={fieldErrors(action.error, 'from')}>
                <input type="datetime-local" step="1" value={toInput(from)} onInput={event => setFrom(fromInput(event.currentTarget.value))} />
              </Field>
            )}
            {start === 'position' && (
              <Field label="From position" errors={fieldErrors(action.error, 'position')} hint="1 means the complete log, as far as it is kept.">
                <input inputMode="numeric" value={position} onInput={event => setPosition(event.currentTarget.value)} autoComplete="off" />
              </Field>
            )}
            {start !== 'failed' && <Check label="Of these, dead letters only" isChecked={isOnlyFailed} onChange={setOnlyFailed} />}
          </>
        )}
        <FormProblem error={action.error} fields={start === 'failed' ? [] : [start]} />
        <div class="dialog-actions">
          {counted ? <button type="button" onClick={() => { setCounted(undefined); action.clear(); }}>Back</button> : <button type="button" onClick={onClose}>Cancel</button>}
          <button type="submit" class="primary" disabled={action.isBusy || counted?.messages === 0}>{counted ? `Send ${count(counted.messages, 'message')} again` : 'Count them'}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Counted({ counted, publisher }: { counted: ReplayResult; publisher: Publisher }) {
  if (counted.messages === 0) {
    return <p role="status">There is nothing to send again: no {counted.only_failed ? 'dead letter' : 'settled message'} lies there.</p>;
  }

  return (
    <div role="status">
      <p>This sends <strong>{count(counted.messages, counted.only_failed ? 'dead letter' : 'message')}</strong> again to <strong class="target">{publisher.target}</strong>: positions {number(counted.position)} to {number(counted.until)}.</p>
      <ul class="consequences">
        {publisher.parked > 0 && <li>Parked deliveries are sent anyway, and not counted.</li>}
        {publisher.filter !== null && <li>Those that its filter leaves out are counted, and not sent.</li>}
        {!publisher.active && <li>The publisher is paused: they are sent when it is resumed.</li>}
      </ul>
    </div>
  );
}

/** What is no number is left to the server to refuse. */
function toNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : text;
}
