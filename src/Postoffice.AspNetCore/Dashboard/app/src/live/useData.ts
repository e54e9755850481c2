import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, toApiError } from '../api/client';
import { live } from './live';
import { Pace } from './pace';

interface Data<T> {
  /** What was read last; stays while it is read again. */
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  reload: () => void;
}

interface Held<T> {
  path: string | null;
  data?: T;
  error?: ApiError;
}

/**
 * Reads `path` and reads it again when something has changed, unless `isStill`. One request at a time; an answer to a path that is no longer asked for is dropped.
 * Null reads nothing. `readBy` must stay the same function.
 */
export function useData<T>(path: string | null, isStill = false, readBy: (path: string, signal: AbortSignal) => Promise<T> = get): Data<T> {
  const [held, setHeld] = useState<Held<T>>({ path });
  const again = useRef<() => void>(() => {});

  useEffect(() => {
    if (path === null) {
      return;
    }

    const abort = new AbortController();
    const pace = new Pace();
    let isReading = false;
    let isStale = false;
    let isWanted = false;
    let timer: number | undefined;

    const read = async () => {
      clearTimeout(timer);
      timer = undefined;
      isReading = true;
      isStale = isWanted = false;
      pace.begin();
      let isAnswered = true;
      try {
        const data = await readBy(path, abort.signal);
        if (!abort.signal.aborted) {
          setHeld({ path, data });
        }
      } catch (error) {
        if (!abort.signal.aborted) {
          const failure = toApiError(error);
          isAnswered = failure.status !== 0;
          fail(failure);
        }
      }

      isReading = false;
      pace.end(isAnswered);
      if (abort.signal.aborted) {
        return;
      }

      if (isWanted) {
        void read();
      } else if (isStale) {
        plan();
      }
    };

    const fail = (error: ApiError) => {
      setHeld(before => ({ path, data: before.path === path ? before.data : undefined, error }));
      if (error.status === 0) {
        live.doubt();
      }
    };

    const plan = () => {
      if (isReading) {
        isStale = true;
      } else {
        timer ??= window.setTimeout(() => void read(), pace.wait);
      }
    };

    // What a person asks for does not rest, and is read after what has been done: not by a request that began before.
    again.current = () => {
      if (isReading) {
        isWanted = true;
      } else {
        void read();
      }
    };
    void read();
    const stop = isStill ? () => {} : live.listen(() => document.hidden || plan());
    return () => {
      abort.abort();
      clearTimeout(timer);
      stop();
    };
  }, [path, isStill, readBy]);

  const isSame = held.path === path;
  return {
    data: isSame ? held.data : undefined,
    error: isSame ? held.error : undefined,
    isLoading: path !== null && (!isSame || (held.data === undefined && held.error === undefined)),
    reload: useCallback(() => again.current(), []),
  };
}
