import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../api/clock';
import { exact, relative } from './format';

const tellers = new Set<() => void>();
let clock: number | undefined;

/** One clock for all times on the page. */
function useNow(): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const tell = () => setNow(serverNow());
    tellers.add(tell);
    clock ??= window.setInterval(() => tellers.forEach(each => each()), 1_000);
    return () => {
      tellers.delete(tell);
      if (tellers.size === 0) {
        clearInterval(clock);
        clock = undefined;
      }
    };
  }, []);
  return now;
}

/** A time as it is spoken of; hovering shows it exactly, in UTC. */
export function Time({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) {
    return <span class="none">never</span>;
  }

  const time = new Date(at);
  return <time dateTime={at} title={exact(time)}>{relative(time, now)}</time>;
}

/** A time as logs have it. */
export function ExactTime({ at }: { at: string }) {
  return <time dateTime={at}>{exact(new Date(at))}</time>;
}
