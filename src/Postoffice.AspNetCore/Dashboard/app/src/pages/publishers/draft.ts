import type { Publisher } from '../../api/types';
import { objectError } from '../../api/body';
import { type Pair, pairsError, toObject, toPairs } from '../../ui/Pairs';
import { hasHeaders } from './types';

/** A publisher as a form has it: texts as they were typed, so that the server can say what is wrong with them. Empty means what the server takes then. */
export interface Draft {
  active: boolean;
  topic: string;
  type: string;
  target: string;
  from_now: boolean;
  seconds_timeout: string;
  seconds_retry: string;
  max_attempts: string;
  seconds_max_age: string;
  ordering: 'none' | 'key';
  on_key_failure: 'skip' | 'block';
  permits: string;
  per_seconds: string;
  filter: string;
  max_demand: string;
  min_demand: string;
  demand_mode: '' | 'completed' | 'low_watermark';
  adaptive_demand: '' | 'true' | 'false';
  chunk_size: string;
  headers: Pair[];
}

/** The members whose errors stand beside their inputs. */
export const fieldNames = [
  'active', 'topic', 'type', 'target', 'from_now', 'seconds_timeout', 'seconds_retry', 'max_attempts', 'seconds_max_age', 'ordering', 'on_key_failure', 'rate_limit', 'filter',
  'max_demand', 'min_demand', 'demand_mode', 'adaptive_demand', 'chunk_size', 'headers',
];

const defaults = { seconds_timeout: 30, seconds_retry: 30, max_attempts: 100 };

export function newDraft(topic: string): Draft {
  return {
    active: true, topic, type: 'http', target: '', from_now: false,
    seconds_timeout: '', seconds_retry: '', max_attempts: '', seconds_max_age: '',
    ordering: 'none', on_key_failure: 'skip', permits: '', per_seconds: '', filter: '',
    max_demand: '', min_demand: '', demand_mode: '', adaptive_demand: '', chunk_size: '', headers: [],
  };
}

export function draftOf(publisher: Publisher): Draft {
  const text = (value: number | null) => (value === null ? '' : String(value));
  return {
    active: publisher.active, topic: publisher.topic, type: publisher.type, target: publisher.target, from_now: false,
    seconds_timeout: text(publisher.seconds_timeout), seconds_retry: text(publisher.seconds_retry), max_attempts: text(publisher.max_attempts), seconds_max_age: text(publisher.seconds_max_age),
    ordering: publisher.ordering, on_key_failure: publisher.on_key_failure,
    permits: text(publisher.rate_limit?.permits ?? null), per_seconds: text(publisher.rate_limit?.per_seconds ?? null), filter: publisher.filter === null ? '' : JSON.stringify(publisher.filter, null, 2),
    max_demand: text(publisher.max_demand), min_demand: text(publisher.min_demand), demand_mode: publisher.demand_mode ?? '',
    adaptive_demand: publisher.adaptive_demand === null ? '' : publisher.adaptive_demand ? 'true' : 'false',
    chunk_size: text(publisher.chunk_size), headers: toPairs(publisher.headers),
  };
}

/** The members that a form may change, each with its JSON. */
function settings(draft: Draft): Record<string, string> {
  return {
    active: String(draft.active),
    seconds_timeout: number(draft.seconds_timeout, String(defaults.seconds_timeout)),
    seconds_retry: number(draft.seconds_retry, String(defaults.seconds_retry)),
    max_attempts: number(draft.max_attempts, String(defaults.max_attempts)),
    seconds_max_age: number(draft.seconds_max_age, 'null'),
    ordering: JSON.stringify(draft.ordering),
    on_key_failure: JSON.stringify(draft.on_key_failure),
    rate_limit: draft.permits.trim() === '' && draft.per_seconds.trim() === '' ? 'null' : `{"permits":${number(draft.permits, 'null')},"per_seconds":${number(draft.per_seconds, '1')}}`,
    filter: draft.filter.trim() === '' ? 'null' : draft.filter,
    max_demand: number(draft.max_demand, 'null'),
    min_demand: number(draft.min_demand, 'null'),
    demand_mode: draft.demand_mode === '' ? 'null' : JSON.stringify(draft.demand_mode),
    adaptive_demand: draft.adaptive_demand === '' ? 'null' : draft.adaptive_demand,
    chunk_size: number(draft.chunk_size, 'null'),
    headers: JSON.stringify(toObject(draft.headers)),
  };
}

/** What `draft` says otherwise than `before`, as members and their JSON. */
export function changes(draft: Draft, before: Draft): Record<string, string> {
  const was = settings(before);
  return Object.fromEntries(Object.entries(settings(draft)).filter(([name, json]) => json !== was[name]));
}

/** What creates a publisher: what it must say, and the settings that are not left as they are. */
export function creation(draft: Draft): Record<string, string> {
  const { active, topic, type, target, from_now } = draft;
  const required = Object.entries({ active, topic, type, target, from_now }).map(([name, value]) => [name, JSON.stringify(value)]);

  // What was typed before another type was chosen may stand in the draft still, out of sight.
  const offered = hasHeaders(type) ? draft : { ...draft, headers: [] };
  return { ...changes(offered, newDraft('')), ...Object.fromEntries(required) };
}

/** What cannot even be sent: no JSON, or names that stand twice. */
export function draftErrors(draft: Draft): Record<string, string[]> {
  const wrong = { filter: draft.filter.trim() === '' ? undefined : objectError(draft.filter), headers: hasHeaders(draft.type) ? pairsError(draft.headers) : undefined };
  return Object.fromEntries(Object.entries(wrong).filter(([, error]) => error !== undefined).map(([name, error]) => [name, [error!]]));
}

/** A number goes as it was typed; anything else as a text, which the server refuses with its reason. */
function number(typed: string, empty: string): string {
  const text = typed.trim();
  return text === '' ? empty : /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? text : JSON.stringify(text);
}
