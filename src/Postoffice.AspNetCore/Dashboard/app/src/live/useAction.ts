import { useCallback, useRef, useState } from 'preact/hooks';
import { type ApiError, toApiError } from '../api/client';

interface Action {
  run: (work: () => Promise<void>) => Promise<void>;
  isBusy: boolean;
  error: ApiError | undefined;
  clear: () => void;
}

/** Something that a person starts: busy until it ends, and its failure is shown where it was started. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const isRunning = useRef(false);

  const run = useCallback(async (work: () => Promise<void>) => {
    // A second click may come before the button is seen to be off.
    if (isRunning.current) {
      return;
    }

    isRunning.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(toApiError(failure));
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  }, []);

  return { run, isBusy, error, clear: useCallback(() => setError(undefined), []) };
}
