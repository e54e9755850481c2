import type { ComponentChildren } from 'preact';
import type { ApiError } from '../../api/client';
import { Field } from '../../ui/Field';
import { fieldErrors } from '../../ui/FormProblem';
import type { Draft } from './draft';

/** What each group of the form gets. */
export interface GroupProps {
  draft: Draft;
  error: ApiError | undefined;
  set: (changed: Partial<Draft>) => void;
}

interface NumberProps extends GroupProps {
  name: 'seconds_timeout' | 'seconds_retry' | 'max_attempts' | 'seconds_max_age' | 'max_demand' | 'min_demand' | 'chunk_size';
  label: string;
  /** What an empty field means. */
  empty: string;
  hint: ComponentChildren;
}

/** A whole number. Typed as text: the server says what is wrong with it, where the browser would only take it away. */
export function NumberField({ draft, error, set, name, label, empty, hint }: NumberProps) {
  return (
    <Field label={label} hint={hint} errors={fieldErrors(error, name)} isOptional>
      <input inputMode="numeric" autoComplete="off" placeholder={empty} value={draft[name]} onInput={event => set({ [name]: event.currentTarget.value })} />
    </Field>
  );
}
