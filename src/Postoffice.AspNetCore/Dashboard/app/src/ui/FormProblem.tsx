import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../api/client';
import { Problem } from './Feedback';

/** The server says the bare word first, for programs that look for it, and then what is meant. */
const bare = 'is invalid';

/** What is wrong with a field, to stand beside it. */
export function fieldErrors(error: ApiError | undefined, name: string): string[] | undefined {
  const told = error?.fields[name];
  return told && told.length > 1 ? told.filter(each => each !== bare) : told;
}

/**
 * What is wrong with a form. What stands beside one of its `fields` is not said twice, unless the field knows only that something is wrong; the first such field
 * gets the focus.
 */
export function FormProblem({ error, fields }: { error: ApiError | undefined; fields: string[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) {
      const wrong = place.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid=true]');

      // What is folded up can't be focused.
      wrong?.closest('details')?.setAttribute('open', '');
      wrong?.focus();
    }
  }, [error]);

  return <div ref={place} class="form-problem">{error && <Problem error={toSay(error, fields)} />}</div>;
}

function toSay(error: ApiError, fields: string[]): ApiError {
  const named = Object.keys(error.fields);
  const elsewhere = Object.fromEntries(Object.entries(error.fields).filter(([name]) => !fields.includes(name)));
  const isSaid = named.length > 0 && Object.keys(elsewhere).length === 0 && named.every(name => fieldErrors(error, name)?.some(each => each !== bare));
  return isSaid && error.status === 400
    ? new ApiError(error.status, named.length === 1 ? 'The field that is marked needs another look.' : `The ${named.length} fields that are marked need another look.`)
    : new ApiError(error.status, error.message, elsewhere);
}
