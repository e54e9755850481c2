import type { ComponentChildren, JSX } from 'preact';
import { cloneElement } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  label: string;
  /** What it means: unit, default, range. */
  hint?: ComponentChildren;
  /** What is wrong with it. */
  errors?: string[];
  isOptional?: boolean;
  /** One input, select or textarea. */
  children: JSX.Element;
}

/** A labelled input with its explanation and its error. */
export function Field({ label, hint, errors, isOptional, children }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, errors && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}{isOptional && <span class="optional"> optional</span>}</label>
      {cloneElement(children, { id, 'aria-describedby': described || undefined, 'aria-invalid': errors ? 'true' : undefined })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {errors && <p class="field-error" id={`${id}-error`}>{label} {errors.join(', ')}</p>}
    </div>
  );
}
