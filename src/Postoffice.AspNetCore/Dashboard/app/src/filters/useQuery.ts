import { useLocation } from 'preact-iso/router';
import { query as format } from '../api/client';

/** What is asked for, by the API's own parameter names; what is missing or empty leaves nothing out. */
export type Query = Record<string, string | undefined>;

/** The page's filter and place, kept in its address: so it can be shared, and Back works. */
export function useQuery(): [query: Query, go: (next: Query) => void] {
  const { path, query, route } = useLocation();
  return [query, next => route(path + format(next))];
}

/** The members of a query that are given and have one of these names, or begin with `prefix`. */
export function pick(query: Query, names: readonly string[], prefix?: string): Query {
  return Object.fromEntries(Object.entries(query).filter(([name, value]) => value && (names.includes(name) || (prefix !== undefined && name.startsWith(prefix)))));
}
