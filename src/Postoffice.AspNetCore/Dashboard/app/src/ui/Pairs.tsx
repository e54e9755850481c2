import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

export interface Pair {
  name: string;
  value: string;
}

interface Props {
  label: string;
  /** What one of them is called: "attribute". */
  one: string;
  hint?: ComponentChildren;
  errors?: string[];
  pairs: Pair[];
  onChange: (pairs: Pair[]) => void;
}

/** Names and values, a row each. */
export function Pairs({ label, one, hint, errors, pairs, onChange }: Props) {
  const id = useId();
  const change = (index: number, changed: Partial<Pair>) => onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...changed } : pair)));
  const described = [hint && `${id}-hint`, errors && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const invalid = errors ? 'true' as const : undefined;
  return (
    <div class="field field-full" role="group" aria-labelledby={`${id}-label`} aria-describedby={described}>
      <span class="field-label" id={`${id}-label`}>{label}<span class="optional"> optional</span></span>
      {pairs.map((pair, index) => (
        <div class="pair" key={index}>
          <input aria-label={`Name of ${one} ${index + 1}`} placeholder="name" value={pair.name} aria-invalid={invalid} onInput={event => change(index, { name: event.currentTarget.value })} />
          <input aria-label={`Value of ${one} ${index + 1}`} placeholder="value" value={pair.value} aria-invalid={invalid} onInput={event => change(index, { value: event.currentTarget.value })} />
          <button type="button" class="quiet" aria-label={`Remove ${one} ${index + 1}`} onClick={() => onChange(pairs.filter((_, at) => at !== index))}>✕</button>
        </div>
      ))}
      <div><button type="button" onClick={() => onChange([...pairs, { name: '', value: '' }])}>Add {/^[aeiou]/.test(one) ? 'an' : 'a'} {one}</button></div>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {errors && <p class="field-error" id={`${id}-error`}>{label} {errors.join(', ')}</p>}
    </div>
  );
}

/** What the rows say as an object; rows without a name and a value are none. */
export function toObject(pairs: Pair[]): Record<string, string> {
  return Object.fromEntries(given(pairs).map(pair => [pair.name, pair.value]));
}

export function toPairs(object: Record<string, string>): Pair[] {
  return Object.entries(object).map(([name, value]) => ({ name, value }));
}

/** What an object could not say: the same name twice, or a value without a name. */
export function pairsError(pairs: Pair[]): string | undefined {
  const names = given(pairs).map(pair => pair.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return names.includes('') ? 'need a name in each row' : twice === undefined ? undefined : `name ${twice} twice`;
}

function given(pairs: Pair[]): Pair[] {
  return pairs.filter(pair => pair.name !== '' || pair.value !== '');
}
