import type { ComponentChildren } from 'preact';
import type { Publisher } from '../../api/types';
import { Code } from '../../ui/Code';
import { Facts } from '../../ui/Facts';
import { count, number } from '../../ui/format';
import { hasHeaders, types } from './types';

/** How a publisher delivers, as one would say it. */
export function SettingsInWords({ publisher }: { publisher: Publisher }) {
  const headers = Object.entries(publisher.headers);
  const facts: [string, ComponentChildren][] = [
    ['Begins', publisher.start_position === 0 ? 'with the complete log' : `after position ${number(publisher.start_position)}`],
    ['Timeout', `${seconds(publisher.seconds_timeout)} an attempt`],
    ['Retries', `after ${seconds(publisher.seconds_retry)}, doubling, at most an hour apart`],
    ['Gives up', givesUp(publisher)],
    ['Order', order(publisher)],
    ['Rate limit', publisher.rate_limit ? `at most ${count(publisher.rate_limit.permits, 'attempt')} in ${seconds(publisher.rate_limit.per_seconds)}` : 'none'],
    ['Demand', publisher.max_demand === null ? `the node's${types[publisher.type]?.chunkSize ? ", or four calls' worth when that is more" : ''}` : `at most ${number(publisher.max_demand)} in flight`],
    ['Asks for more', asksForMore(publisher)],
    ['Adapts to the receiver', publisher.adaptive_demand === null ? "as the node says" : publisher.adaptive_demand ? 'yes' : 'no'],
    ['Messages in one call', inOneCall(publisher)],
    ['Headers', headers.length === 0 ? 'none' : hasHeaders(publisher.type) ? headers.map(([name, value]) => <div key={name}><code>{name}: {value}</code></div>) : `some, and ${publisher.type} has no use for them`],
    ['Filter', publisher.filter === null ? 'none: all messages are delivered' : 'only what matches; see below'],
  ];
  return (
    <>
      <Facts facts={facts} />
      {publisher.filter !== null && <Code label="the filter" text={JSON.stringify(publisher.filter, null, 2)} />}
    </>
  );
}

function givesUp({ max_attempts, seconds_max_age }: Publisher): string {
  const attempts = `after ${count(max_attempts, 'failed attempt')}`;
  return seconds_max_age === null ? attempts : `${attempts}, or at an age of ${seconds(seconds_max_age)}`;
}

function order({ ordering, on_key_failure }: Publisher): string {
  return ordering === 'none' ? 'none: messages overtake one another'
    : `by ordering key, one at a time; when one is given up its key ${on_key_failure === 'block' ? 'waits for an operator' : 'goes on with the next'}`;
}

function asksForMore({ demand_mode, min_demand }: Publisher): string {
  const many = min_demand === null ? 'half' : number(min_demand);
  return demand_mode === null ? `as the node says${min_demand === null ? '' : `, at ${many}`}`
    : demand_mode === 'completed' ? `when ${many} of them have finished`
    : `when no more than ${many} are left`;
}

function inOneCall({ type, chunk_size }: Publisher): string {
  const preset = types[type]?.chunkSize;
  return preset === null ? 'one' : chunk_size !== null ? `up to ${number(chunk_size)}` : preset ? `up to ${number(preset)}` : "the transport's default";
}

/** Seconds, and what they come to when that is plainer: "90 s", "86,400 s (1 d)". */
function seconds(value: number): string {
  const [unit, size] = value >= 86_400 ? ['d', 86_400] as const : value >= 3_600 ? ['h', 3_600] as const : ['min', 60] as const;
  return value >= size && value % size === 0 ? `${number(value)} s (${number(value / size)} ${unit})` : `${number(value)} s`;
}
