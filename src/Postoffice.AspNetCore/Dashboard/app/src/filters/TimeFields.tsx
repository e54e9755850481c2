import { serverNow } from '../api/clock';
import { Field } from '../ui/Field';
import { before, fromInput, toInput } from './utc';

interface Range {
  from: string;
  to: string;
}

interface Props extends Range {
  errors: Record<string, string[]>;
  onChange: (range: Partial<Range>) => void;
}

/** A span of time, in UTC as everything here: from the first until just before the second. */
export function TimeFields({ from, to, errors, onChange }: Props) {
  return (
    <>
      <Field label="From (UTC)" errors={errors.from}>
        <input type="datetime-local" step="1" value={toInput(from)} onInput={event => onChange({ from: fromInput(event.currentTarget.value) })} />
      </Field>
      <Field label="Before (UTC)" errors={errors.to}>
        <input type="datetime-local" step="1" value={toInput(to)} onInput={event => onChange({ to: fromInput(event.currentTarget.value) })} />
      </Field>
    </>
  );
}

const choices: [string, number][] = [['Last 15 min', 900_000], ['Last hour', 3_600_000], ['Last day', 86_400_000]];

/** The spans that are asked for most. */
export function TimeChoices({ onChoose }: { onChoose: (range: Range) => void }) {
  return <>{choices.map(([name, length]) => <button key={name} type="button" onClick={() => onChoose({ from: before(serverNow(), length), to: '' })}>{name}</button>)}</>;
}
