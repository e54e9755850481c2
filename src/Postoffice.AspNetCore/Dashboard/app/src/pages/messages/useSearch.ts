import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, query } from '../../api/client';
import type { FoundMessage, MessagePage } from '../../api/types';
import type { Query } from '../../filters/useQuery';
import { live } from '../../live/live';

export const pageSize = 50;

/** A search that takes more requests is not repeated by itself whenever something changes. */
const liveRequests = 4;
const restMilliseconds = 1_000;

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
    let found: Found | undefined;
    let isBusy = false;
    let isStale = false;
    let isStopped = false;
    let isRefused = false;
    let timer: number | undefined;

    const show = (isSearching: boolean, error?: ApiError) => {
      if (!abort.signal.aborted) {
        setHeld({ path, found, error, isSearching, isStopped });
      }
    };

    /** Goes on from `from`. While a short search is repeated, what it found before stays in sight. */
    const look = async (from: Found, isRepeated = false) => {
      isBusy = true;
      isStopped = false;
      let now = from;
      try {
        do {
          if (!isRepeated || now.requests >= liveRequests) {
            found = now.requests === 0 ? found : now;
            show(true);
          }

          const page: MessagePage = await get<MessagePage>(
            '/messages' + query({ ...filter, limit: pageSize - now.rows.length, after: now.next ?? after }), abort.signal);
          now = {
            rows: [...now.rows, ...page.data],
            next: page.next === null ? null : String(page.next),
            searchedTo: page.searched_to ?? now.searchedTo,
            scanned: now.scanned + page.scanned,
            requests: now.requests + 1,
          };
        } while (now.next !== null && now.rows.length < pageSize && !isStopped);
        isStopped &&= now.next !== null && now.rows.length < pageSize;
        found = now;
        show(false);
      } catch (error) {
        const failure = error instanceof ApiError ? error : new ApiError(0, String(error));
        found = isRepeated || now.requests === 0 ? found : now;
        isRefused = failure.status === 400;
        show(false, failure);
      }

      isBusy = false;
      if (isStale) {
        repeat(restMilliseconds);
      }
    };

    const repeat = (rest: number) => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        isStale = isBusy;
        if (!isBusy && !isRefused && !abort.signal.aborted && isLive(after, isStopped, found)) {
          void look(nothing, true);
        }
      }, rest);
    };
    const stopListening = live.listen(() => repeat(isBusy ? restMilliseconds : 50));

    controls.current = {
      stop: () => { isStopped = true; },
      goOn: () => void look(found ?? nothing),
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

function isLive(after: string | undefined, isStopped: boolean, found: Found | undefined): boolean {
  return after === undefined && !isStopped && (found?.requests ?? 0) <= liveRequests;
}
