import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, post, toApiError } from '../../api/client';
import type { BulkResult, Single } from '../../api/types';
import type { Selection } from './selection';

/** So many a request: the next figure comes soon, and Stop is soon obeyed. */
const limit = 1_000;

export type Verb = 'retry' | 'discard';

interface BulkTask {
  verb: Verb;
  selection: Selection;
  /** Which dead letters those are, in words. */
  of: string;
}

export interface Bulk extends BulkTask {
  phase: 'counting' | 'asking' | 'running' | 'done';
  /** How many there were when it was asked for. */
  total: number;
  done: number;
  isStopped: boolean;
  error?: ApiError;
}

export interface BulkControls {
  bulk: Bulk | undefined;
  /** Counts, so that the person can be asked. */
  prepare: (task: BulkTask) => void;
  run: () => void;
  stop: () => void;
  close: () => void;
}

/** Retries or discards many dead letters, a thousand at a time, until none is left or the person stops it. `onProgress` is told after each step. */
export function useBulk(onProgress: () => void): BulkControls {
  const [bulk, setBulk] = useState<Bulk>();
  const isStopped = useRef(false);

  // Nobody would see what it does.
  useEffect(() => () => { isStopped.current = true; }, []);

  const change = (changed: Partial<Bulk>) => setBulk(before => before && { ...before, ...changed });
  const ask = async ({ verb, selection }: BulkTask, dryRun: boolean) =>
    (await post<Single<BulkResult>>(`/dead_letters/${verb}`, { ...selection, ...(dryRun ? { dry_run: true } : { limit }) })).data;

  const prepare = async (task: BulkTask) => {
    setBulk({ ...task, phase: 'counting', total: 0, done: 0, isStopped: false });

    // Another may have been asked for meanwhile.
    const answer = (changed: Partial<Bulk>) => setBulk(before => (before?.selection === task.selection ? { ...before, phase: 'asking', ...changed } : before));
    try {
      answer({ total: (await ask(task, true)).matched });
    } catch (error) {
      answer({ error: toApiError(error) });
    }
  };

  const run = async (started: Bulk) => {
    isStopped.current = false;
    let { total, done } = started;
    change({ phase: 'running', error: undefined, isStopped: false });
    try {
      for (let left = 1; left > 0 && !isStopped.current;) {
        const result = await ask(started, false);
        const count = result.retried ?? result.discarded ?? 0;
        done += count;

        // None, while some are left: somebody else has just taken them.
        left = count === 0 ? 0 : result.remaining;
        total = Math.max(total, done + left);
        change({ total, done });
        onProgress();
      }

      change({ phase: 'done', isStopped: isStopped.current && done < total });
    } catch (error) {
      change({ phase: 'done', error: toApiError(error) });
    }
  };

  return {
    bulk,
    prepare: task => void prepare(task),
    run: () => bulk && void run(bulk),
    stop: () => { isStopped.current = true; },
    close: () => setBulk(undefined),
  };
}
