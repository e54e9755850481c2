import { useCallback, useState } from 'preact/hooks';
import { ApiError } from '../api/client';

export interface Action {
  run: (work: () => Promise<void>) => Promise<void>;
  isBusy: boolean;
  error: ApiError | undefined;
  clear: () => void;
}

/** Something that a person starts: busy until it ends, and its failure is shown where it was started. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const run = useCallback(async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(failure instanceof ApiError ? failure : new ApiError(0, String(failure)));
    } finally {
      setBusy(false);
    }
  }, []);

  return { run, isBusy, error, clear: useCallback(() => setError(undefined), []) };
}
