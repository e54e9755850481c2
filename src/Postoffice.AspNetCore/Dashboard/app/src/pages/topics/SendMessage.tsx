import { useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../../api/client';
import { bodyOf, objectError } from '../../api/body';
import type { Single, Topic } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Feedback';
import { Field } from '../../ui/Field';
import { fieldErrors, FormProblem } from '../../ui/FormProblem';
import { count } from '../../ui/format';
import { links } from '../../ui/links';
import { type Pair, Pairs, pairsError, toObject } from '../../ui/Pairs';

/** Puts one message into the topic by hand: a real one, which its publishers deliver. */
export function SendMessage({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const action = useAction();
  const [payload, setPayload] = useState('{\n  "hello": "world"\n}');
  const [attributes, setAttributes] = useState<Pair[]>([]);
  const [orderingKey, setOrderingKey] = useState('');
  const [sent, setSent] = useState<string>();

  // Sent again after a lost answer it is the same message; after one that came, another.
  const attempt = useRef<{ body: string; key: string } | undefined>(undefined);

  const send = (event: Event) => {
    event.preventDefault();
    setSent(undefined);
    void action.run(async () => {
      const errors = { payload: objectError(payload), attributes: pairsError(attributes) };
      const wrong = Object.entries(errors).filter(([, error]) => error !== undefined).map(([name, error]) => [name, [error!]]);
      if (wrong.length > 0) {
        throw new ApiError(400, '', Object.fromEntries(wrong));
      }

      const body = bodyOf({ topic: topic.name, attributes: toObject(attributes), ordering_key: orderingKey === '' ? undefined : orderingKey }, { payload });
      if (attempt.current?.body !== body) {
        attempt.current = { body, key: newKey() };
      }

      setSent((await post<Single<{ id: string }>>('/messages', body, attempt.current.key)).data.id);
      attempt.current = undefined;
    });
  };

  return (
    <Dialog title="Send a test message" onClose={onClose}>
      <form class="dialog-body" onSubmit={send} noValidate>
        <p>It goes into <strong>{topic.name}</strong> like any other message, and {topic.publishers === 0 ? 'waits for a publisher' : `is delivered to ${count(topic.publishers, 'publisher')}`}.</p>
        <Field label="Payload" errors={fieldErrors(action.error, 'payload')} hint="A JSON object. It is stored and delivered byte for byte as it stands here.">
          <textarea value={payload} onInput={event => setPayload(event.currentTarget.value)} rows={8} spellcheck={false} />
        </Field>
        <Pairs label="Attributes" one="attribute" pairs={attributes} onChange={setAttributes} errors={fieldErrors(action.error, 'attributes')} hint="Texts beside the payload, by which publishers filter." />
        <Field label="Ordering key" isOptional errors={fieldErrors(action.error, 'ordering_key')} hint="Publishers that order by key deliver messages of one key one at a time.">
          <input value={orderingKey} onInput={event => setOrderingKey(event.currentTarget.value)} autoComplete="off" spellcheck={false} />
        </Field>
        <FormProblem error={action.error} fields={['payload', 'attributes', 'ordering_key']} />
        {sent && <Notice>Stored as <a href={links.message(sent)}>{sent}</a>.</Notice>}
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>Close</button>
          <button type="submit" class="primary" disabled={action.isBusy}>{sent ? 'Send another' : 'Send'}</button>
        </div>
      </form>
    </Dialog>
  );
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
