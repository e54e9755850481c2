import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, get, query, toApiError } from '../../api/client';
import type { FoundMessage, MessagePage } from '../../api/types';
import type { Query } from '../../filters/useQuery';
import { live } from '../../live/live';
import { Pace } from '../../live/pace';

export const pageSize = 50;

/** A search that takes more requests is not repeated by itself when something changes. */
const liveRequests = 4;

export interface Found {
  rows: FoundMessage[];
  /** Where older messages go on; null when all have been looked at. */
  next: string | null;
  searchedTo: string | null;
  scanned: number;
  requests: number;
}

export interface Search {
  /** Of this search; undefined before its first answer. */
  found: Found | undefined;
  error: ApiError | undefined;
  isSearching: boolean;
  isStopped: boolean;
  /** Whether new messages appear by themselves. */
  isLive: boolean;
  stop: () => void;
  goOn: () => void;
  again: () => void;
}

interface Held {
  path: string;
  found?: Found;
  error?: ApiError;
  isSearching: boolean;
  isStopped: boolean;
}

const nothing: Found = { rows: [], next: null, searchedTo: null, scanned: 0, requests: 0 };

/**
 * Looks for messages. One request looks at a bounded number of them, so more are made until a page is full, all have been looked at, or the person has had enough.
 * The first page is read again when something has changed.
 */
export function useSearch(filter: Query, after: string | undefined): Search {
  const path = '/messages' + query({ ...filter, after });
  const [held, setHeld] = useState<Held>({ path, isSearching: true, isStopped: false });
  const controls = useRef({ stop: () => {}, goOn: () => {}, again: () => {} });

  useEffect(() => {
    const abort = new AbortController();
    const pace = new Pace();
    let found: Found | undefined;
    let turn = 0;
    let isBusy = false;
    let isStale = false;
    let isStopped = false;
    let isRefused = false;
    let timer: number | undefined;

    const show = (isSearching: boolean, error?: ApiError) => setHeld({ path, found, error, isSearching, isStopped });

    /** Goes on from `from`. While a short search is repeated, what it found before stays in sight. */
    const look = async (from: Found, isRepeated = false) => {
      const mine = ++turn;
      const isOver = () => mine !== turn || abort.signal.aborted;
      clearTimeout(timer);
      timer = undefined;
      isBusy = true;
      isStale = isStopped = isRefused = false;
      pace.begin();
      let isAnswered = true;
      let now = from;
      try {
        do {
          if (!isRepeated || now.requests >= liveRequests) {
            found = now.requests === 0 ? found : now;
            show(true);
          }

          const page: MessagePage = await get<MessagePage>(
            '/messages' + query({ ...filter, limit: pageSize - now.rows.length, after: now.next ?? after }), abort.signal);
          if (isOver()) {
            return;
          }

          now = {
            rows: [...now.rows, ...page.data],
            next: page.next === null ? null : String(page.next),
            searchedTo: page.searched_to ?? now.searchedTo,
            scanned: now.scanned + page.scanned,
            requests: now.requests + 1,
          };
        } while (isUnfinished(now) && !isStopped);
        isStopped &&= isUnfinished(now);
        found = now;
        show(false);
      } catch (error) {
        if (isOver()) {
          return;
        }

        const failure = toApiError(error);
        found = isRepeated || now.requests === 0 ? found : now;
        isRefused = failure.status === 400;
        show(false, failure);
        isAnswered = failure.status !== 0;
        if (!isAnswered) {
          live.doubt();
        }
      }

      isBusy = false;
      pace.end(isAnswered);
      if (isStale) {
        plan();
      }
    };

    const plan = () => {
      if (isBusy) {
        isStale = true;
      } else if (!isRefused && isLive(after, isStopped, found)) {
        timer ??= window.setTimeout(() => void look(nothing, true), pace.wait);
      }
    };
    const stopListening = live.listen(() => document.hidden || plan());

    controls.current = {
      stop: () => { isStopped = true; },

      // What is finished has nothing to go on with: it failed when it was looked for anew.
      goOn: () => void (found && isUnfinished(found) ? look(found) : look(nothing, found !== undefined)),
      again: () => { found = undefined; void look(nothing); },
    };
    void look(nothing);
    return () => {
      abort.abort();
      clearTimeout(timer);
      stopListening();
    };
  }, [path]);

  const isSame = held.path === path;
  const found = isSame ? held.found : undefined;
  return {
    found,
    error: isSame ? held.error : undefined,
    isSearching: !isSame || held.isSearching,
    isStopped: isSame && held.isStopped,
    isLive: isSame && isLive(after, held.isStopped, found),
    stop: useCallback(() => controls.current.stop(), []),
    goOn: useCallback(() => controls.current.goOn(), []),
    again: useCallback(() => controls.current.again(), []),
  };
}

/** Whether there is more to look at for this page. */
export function isUnfinished({ rows, next }: Found): boolean {
  return next !== null && rows.length < pageSize;
}

function isLive(after: string | undefined, isStopped: boolean, found: Found | undefined): boolean {
  return after === undefined && !isStopped && (found?.requests ?? 0) <= liveRequests;
}
