import { useState } from 'preact/hooks';
import { bodyOf, objectError } from '../../api/body';
import { ApiError, post } from '../../api/client';
import type { Publisher, Single, TestResult } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Code } from '../../ui/Code';
import { Dialog } from '../../ui/Dialog';
import { Facts } from '../../ui/Facts';
import { Field } from '../../ui/Field';
import { fieldErrors, FormProblem } from '../../ui/FormProblem';
import { milliseconds } from '../../ui/format';
import { type Pair, Pairs, pairsError, toObject } from '../../ui/Pairs';
import { State, type Tone } from '../../ui/State';
import { hasHeaders } from './types';

/** Sends something to the target, outside the log, and shows what comes back. */
export function TestDelivery({ publisher, onClose }: { publisher: Publisher; onClose: () => void }) {
  const action = useAction();
  const [payload, setPayload] = useState('{"test": true}');
  const [attributes, setAttributes] = useState<Pair[]>([]);
  const [result, setResult] = useState<TestResult>();

  const send = (event: Event) => {
    event.preventDefault();
    setResult(undefined);
    void action.run(async () => {
      const wrong = Object.entries({ payload: objectError(payload), attributes: pairsError(attributes) }).filter(([, error]) => error !== undefined);
      if (wrong.length > 0) {
        throw new ApiError(400, '', Object.fromEntries(wrong.map(([name, error]) => [name, [error!]])));
      }

      setResult((await post<Single<TestResult>>(`/publishers/${publisher.id}/test`, bodyOf({ attributes: toObject(attributes) }, { payload }))).data);
    });
  };

  return (
    <Dialog title="Send a test delivery" onClose={onClose}>
      <form class="dialog-body" onSubmit={send} noValidate>
        <p>One request goes to <strong class="target">{publisher.target}</strong> at once, with this publisher's timeout{hasHeaders(publisher.type) && ' and headers'}. It is no message of the topic: nobody else gets it, it is not tried again, and it counts nowhere.</p>
        <Field label="Payload" errors={fieldErrors(action.error, 'payload')} hint="A JSON object, sent byte for byte as it stands here.">
          <textarea value={payload} onInput={event => setPayload(event.currentTarget.value)} rows={4} spellcheck={false} />
        </Field>
        <Pairs label="Attributes" one="attribute" pairs={attributes} onChange={setAttributes} errors={fieldErrors(action.error, 'attributes')} />
        <FormProblem error={action.error} fields={['payload', 'attributes']} />
        <div role="status">
          {action.isBusy && `Waiting for the answer, ${publisher.seconds_timeout} s at most…`}
          {result && <Result result={result} />}
        </div>
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>Close</button>
          <button type="submit" class="primary" disabled={action.isBusy}>{result ? 'Send again' : 'Send'}</button>
        </div>
      </form>
    </Dialog>
  );
}

const outcomes: Record<TestResult['outcome'], [Tone, string]> = {
  accepted: ['good', 'accepted'],
  rejected: ['bad', 'rejected'],
  unavailable: ['bad', 'unavailable'],
  throttled: ['warn', 'throttled'],
  gone: ['bad', 'gone'],
  blocked: ['bad', 'target is blocked'],
  invalid: ['bad', 'message is invalid'],
};

function Result({ result }: { result: TestResult }) {
  const [tone, word] = outcomes[result.outcome] ?? ['warn', result.outcome];
  return (
    <div class="section">
      <Facts
        facts={[
          ['Outcome', <State tone={tone}>{word}</State>],
          ['Status', result.status_code === null ? 'none' : String(result.status_code)],
          ['Took', milliseconds(result.duration_ms)],
          ['message-id', <code>{result.message_id}</code>],
        ]}
      />
      {result.error && <p class="met">{result.error}</p>}
      {result.answer && <Code label="the answer" text={result.answer} />}
    </div>
  );
}
