import type { ComponentChildren } from 'preact';
import { serverNow } from '../../api/clock';
import type { Publisher } from '../../api/types';
import { count, number, rate } from '../../ui/format';
import { Time } from '../../ui/Time';
import { PublisherState } from './PublisherState';
import { allSettled, doing, parkedInWords, pauseInWords, waitingInWords } from './state';

/** What a publisher does now, in a sentence. */
export function DoingNow({ publisher }: { publisher: Publisher }) {
  return (
    <p class="doing">
      <PublisherState publisher={publisher} />
      <span>{sentence(publisher)}{mayBeHeldUp(publisher) && ' Dead letters may hold ordering keys up; see below.'}</span>
    </p>
  );
}

function mayBeHeldUp({ ordering, on_key_failure, dead, parked }: Publisher): boolean {
  return ordering === 'key' && on_key_failure === 'block' && dead > 0 && parked > 0;
}

function sentence(publisher: Publisher): ComponentChildren {
  const { breaker, demand, lag, parked, rate: perSecond } = publisher;
  const waiting = waitingInWords(publisher);
  const beside = parked > 0 && `; ${parkedInWords(publisher)}`;
  const met = breaker?.last_error && <> The last attempt met: <q class="met">{breaker.last_error}</q></>;
  switch (doing(publisher, serverNow())) {
    case 'paused':
      return <>It was paused <Time at={publisher.paused_at} /> ({pauseInWords(publisher)}). {waiting}</>;
    case 'starting':
      return <>No node has taken it yet; that takes seconds. {waiting}</>;
    case 'not_running':
      return <>No node runs it: none is alive, or none takes publishers. {waiting}</>;
    case 'failing':
      return <>The receiver fails, so only probes are sent to it; the next {breaker?.probe_at ? <>goes out <Time at={breaker.probe_at} /></> : 'is under way'}. {waiting}{met}</>;
    case 'probing':
      return <>The receiver has failed and is being tried out: probes, then more and more. {waiting}{met}</>;
    case 'offline':
      return <>Its node reaches no target at all, and tries again <Time at={publisher.offline_until} />. {waiting}</>;
    case 'rate_limited':
      return <>Its rate limit is used up; it goes on <Time at={publisher.rate_limited_until} />. {waiting}</>;
    case 'replaying':
      return <>It sends once more what it has settled, beside what is new. {waiting}</>;
    case 'catching_up':
      return <>It is {count(lag, 'message')} behind and delivers {rate(perSecond ?? 0)} a second, {number(demand?.in_flight ?? 0)} in flight{beside}.{met}</>;
    case 'delivering':
      return <>It keeps up with its topic: {rate(perSecond ?? 0)} deliveries a second, {number(demand?.in_flight ?? 0)} in flight{beside}.{met}</>;
    case 'idle':
      return parked > 0
        ? <>Nothing new has come; {parkedInWords(publisher)}.{met}</>
        : <>{allSettled(publisher)}</>;
  }
}
