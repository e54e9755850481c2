import { ApiError } from '../api/client';
import { fieldErrors } from '../ui/FormProblem';
import type { Query } from './useQuery';

/** @returns what is wrong with each member of the filter. */
export function besideFields(error: ApiError | undefined): Record<string, string[]> {
  return Object.fromEntries(Object.keys(error?.fields ?? {}).map(name => [name, fieldErrors(error, name) ?? []]));
}

/** @returns the error, unless all of it is shown beside the fields of the filter that are wrong. */
export function beyondFields(error: ApiError | undefined, filter: Query): ApiError | undefined {
  const wrong = Object.keys(error?.fields ?? {});
  return wrong.length > 0 && wrong.every(name => filter[name] !== undefined) ? undefined : error && new ApiError(error.status, error.message);
}
