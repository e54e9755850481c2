import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from '../api/client';
import { live } from './live';

export interface Data<T> {
  /** What was read last; stays while it is read again. */
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  reload: () => void;
}

/** Pages look again at most so often, however much happens. */
const restMilliseconds = 1_000;

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
    let isReading = false;
    let isStale = false;
    let timer: number | undefined;

    const read = async () => {
      clearTimeout(timer);
      timer = undefined;
      if (isReading) {
        isStale = true;
        return;
      }

      isReading = true;
      isStale = false;
      try {
        const data = await readBy(path, abort.signal);
        if (!abort.signal.aborted) {
          setHeld({ path, data });
        }
      } catch (error) {
        if (!abort.signal.aborted) {
          setHeld(before => ({ path, data: before.path === path ? before.data : undefined, error: asApiError(error) }));
        }
      }

      isReading = false;
      if (isStale && !abort.signal.aborted) {
        timer = window.setTimeout(() => void read(), restMilliseconds);
      }
    };

    again.current = () => void read();
    void read();
    const stop = isStill ? () => {} : live.listen(() => {
      timer ??= window.setTimeout(() => void read(), isReading ? restMilliseconds : 50);
    });
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

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}
