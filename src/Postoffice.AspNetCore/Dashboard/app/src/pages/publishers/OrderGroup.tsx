import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { fieldErrors } from '../../ui/FormProblem';
import type { GroupProps } from './FormParts';

/** In which order messages go out, and how fast. */
export function OrderGroup({ draft, error, set }: GroupProps) {
  const limit = fieldErrors(error, 'rate_limit');
  return (
    <fieldset>
      <legend>Order and speed</legend>
      <Choices
        label="Order"
        value={draft.ordering}
        onChange={ordering => set({ ordering })}
        choices={[
          { value: 'none', label: 'None', hint: 'Messages overtake one another; a failing one holds nobody up.' },
          { value: 'key', label: 'By ordering key', hint: 'Messages of one ordering key go one at a time and in order, across retries. Others overtake freely.' },
        ]}
      />
      {draft.ordering === 'key' && (
        <Choices
          label="When a delivery of a key is given up"
          value={draft.on_key_failure}
          onChange={on_key_failure => set({ on_key_failure })}
          choices={[
            { value: 'skip', label: 'Go on', hint: 'It becomes a dead letter, and the next of its key goes out.' },
            { value: 'block', label: 'Wait', hint: 'The key waits until somebody retries or discards the dead letter.' },
          ]}
        />
      )}
      <Field label="Rate limit, attempts" isOptional errors={limit} hint="The most attempts that are started in any such span, retries and replays included. 1 to 1,000,000; no limit when empty.">
        <input inputMode="numeric" autoComplete="off" placeholder="no limit" value={draft.permits} onInput={event => set({ permits: event.currentTarget.value })} />
      </Field>
      <Field label="in seconds" isOptional hint="How long the span is. 1 to 86,400 (a day); 1 when empty.">
        <input inputMode="numeric" autoComplete="off" placeholder="1" value={draft.per_seconds} onInput={event => set({ per_seconds: event.currentTarget.value })} aria-invalid={limit ? 'true' : undefined} />
      </Field>
    </fieldset>
  );
}
