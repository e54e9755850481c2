import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Choice<T extends string> {
  value: T;
  label: string;
  hint?: ComponentChildren;
}

interface Props<T extends string> {
  label: string;
  choices: Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few, each explained. */
export function Choices<T extends string>({ label, choices, value, onChange }: Props<T>) {
  const name = useId();
  return (
    <div class="field field-full" role="radiogroup" aria-labelledby={name}>
      <span class="field-label" id={name}>{label}</span>
      {choices.map(choice => (
        <label class="choice" key={choice.value}>
          <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>
            {choice.label}
            {choice.hint && <span class="hint">{choice.hint}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

interface CheckProps {
  label: string;
  hint?: ComponentChildren;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

/** Yes or no. */
export function Check({ label, hint, isChecked, onChange }: CheckProps) {
  return (
    <label class="choice field-full">
      <input type="checkbox" checked={isChecked} onChange={event => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <span class="hint">{hint}</span>}
      </span>
    </label>
  );
}
