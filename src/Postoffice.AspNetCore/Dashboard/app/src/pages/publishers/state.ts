import type { Publisher } from '../../api/types';
import { count, number } from '../../ui/format';
import type { Tone } from '../../ui/State';

type Doing =
  | 'paused' | 'starting' | 'not_running' | 'failing' | 'probing' | 'offline' | 'rate_limited' | 'replaying' | 'catching_up' | 'delivering' | 'idle';

/** A node takes a publisher that is new or resumed within so long. */
const startMilliseconds = 15_000;

/** What a publisher does now: the first that holds, what holds everything back before what merely goes on. */
export function doing(publisher: Publisher, now: number): Doing {
  const { active, node, breaker, demand, lag, rate, replay } = publisher;
  return !active ? 'paused'
    : !node ? (now - Date.parse(publisher.updated_at) < startMilliseconds ? 'starting' : 'not_running')
    : breaker?.state === 'open' ? 'failing'
    : breaker?.state === 'half_open' ? 'probing'
    : isAhead(publisher.offline_until, now) ? 'offline'
    : isAhead(publisher.rate_limited_until, now) ? 'rate_limited'
    : replay ? 'replaying'

    // What is in flight is not settled yet: that much lag is no backlog.
    : lag > (demand?.max ?? 0) ? 'catching_up'
    : lag > 0 || (demand?.in_flight ?? 0) > 0 || (rate ?? 0) > 0 ? 'delivering'
    : 'idle';
}

function isAhead(time: string | null, now: number): boolean {
  return time !== null && Date.parse(time) > now;
}

/** Why a paused publisher is. */
export function pauseInWords(publisher: Publisher): string {
  return publisher.paused_reason === null ? 'by hand' : publisher.paused_reason === 'gone' ? 'the receiver answered 410 Gone' : publisher.paused_reason;
}

/** Given up is settled too, and not delivered. */
export function allSettled({ dead, skipped }: Publisher): string {
  const settled = dead > 0 ? `Everything is settled, with ${count(dead, 'dead letter')}` : `Everything is delivered${skipped > 0 ? ' or skipped by its filter' : ''}`;
  return `${settled}, and nothing new has come.`;
}

export function parkedInWords({ parked, ordering }: Publisher): string {
  return `${count(parked, 'delivery is', 'deliveries are')} parked for another attempt${ordering === 'key' ? ' or behind one of the same key' : ''}`;
}

/** What is held back, in sentences. */
export function waitingInWords(publisher: Publisher): string {
  const { lag, parked } = publisher;
  const told = [
    lag > 0 && `${count(lag, 'message')} wait${lag === 1 ? 's' : ''} and ${lag === 1 ? 'is' : 'are'} kept`,
    parked > 0 && parkedInWords(publisher),
  ].filter(Boolean);
  return told.length === 0 ? 'Nothing waits.' : `${told.join('; ')}.`;
}

/** The state as a sign, a word, and the reason. */
export function stateOf(publisher: Publisher, now: number): { tone: Tone; word: string; reason: string } {
  const error = publisher.breaker?.last_error;
  switch (doing(publisher, now)) {
    case 'paused':
      return { tone: 'warn', word: publisher.paused_reason === null ? 'paused' : `paused (${publisher.paused_reason})`, reason: `Paused: ${pauseInWords(publisher)}. Messages are kept.` };
    case 'starting':
      return { tone: 'busy', word: 'starting', reason: 'A node takes it within seconds.' };
    case 'not_running':
      return { tone: 'bad', word: 'not running', reason: 'No node runs it: none is alive, or none takes publishers. Messages are kept.' };
    case 'failing':
      return { tone: 'bad', word: 'receiver fails', reason: `Nothing is sent but probes. ${error ?? ''}`.trim() };
    case 'probing':
      return { tone: 'warn', word: 'receiver fails', reason: `It is being tried out: probes, then more and more. ${error ?? ''}`.trim() };
    case 'offline':
      return { tone: 'bad', word: 'offline', reason: 'Its node reaches no target at all.' };
    case 'rate_limited':
      return { tone: 'quiet', word: 'rate limited', reason: 'Its rate limit is used up for now.' };
    case 'replaying':
      return { tone: 'busy', word: 'replaying', reason: 'It sends once more what it has settled, beside what is new.' };
    case 'catching_up':
      return { tone: 'busy', word: `catching up (${number(publisher.lag)})`, reason: `It is ${count(publisher.lag, 'message')} behind its topic.` };
    case 'delivering':
      return { tone: 'good', word: 'delivering', reason: `It keeps up with its topic${publisher.parked > 0 ? `; ${parkedInWords(publisher)}` : ''}.` };
    case 'idle':
      return { tone: publisher.parked > 0 ? 'quiet' : 'good', word: 'idle', reason: publisher.parked > 0 ? `Nothing new has come; ${parkedInWords(publisher)}.` : allSettled(publisher) };
  }
}
