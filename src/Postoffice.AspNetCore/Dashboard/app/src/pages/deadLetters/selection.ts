import { justAfter } from '../../filters/utc';
import { pick, type Query } from '../../filters/useQuery';
import type { DeadLetterGroup } from '../../api/types';

const names = ['topic', 'publisher_id', 'reason', 'group', 'from', 'to'];

/** What reasons dead letters have. */
export const reasons = ['max-attempts', 'max-age', 'blocked-target', 'invalid-message'];

/** @returns what of the page's query narrows the list. */
export function toFilter(query: Query): Query {
  return pick(query, names);
}

/** Which dead letters are retried or discarded, as the API wants it in a body. */
export interface Selection {
  topic?: string;
  publisher_id?: number;
  reason?: string;
  group?: string;
  from?: string;
  to: string;
}

/**
 * Selects what died up to the moment at which these groups were counted, by the server's own clock: what is retried and dies again meanwhile is not retried
 * once more, and what dies after the person looked is not touched.
 */
export function select(filter: Query, groups: DeadLetterGroup[]): Selection {
  const { publisher_id, to, ...rest } = filter;
  const last = justAfter(groups.map(group => group.last_died_at).sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? new Date().toISOString());
  return {
    ...rest,
    ...(publisher_id ? { publisher_id: Number(publisher_id) } : {}),
    to: to && Date.parse(to) < Date.parse(last) ? to : last,
  };
}
