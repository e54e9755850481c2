import { pick, type Query } from '../../filters/useQuery';

export const attributePrefix = 'attribute.';
const names = ['topic', 'publisher_id', 'state', 'from', 'to', 'text'];

/** @returns what of the page's query narrows the search. */
export function toFilter(query: Query): Query {
  return pick(query, names, attributePrefix);
}

/** What the form holds while it is filled in. */
export interface Draft {
  topic: string;
  publisher_id: string;
  state: string;
  from: string;
  to: string;
  text: string;
  attributes: { name: string; value: string }[];
}

export function toDraft(filter: Query): Draft {
  const { topic = '', publisher_id = '', state = '', from = '', to = '', text = '' } = filter;
  const attributes = Object.entries(filter)
    .filter(([name]) => name.startsWith(attributePrefix))
    .map(([name, value = '']) => ({ name: name.slice(attributePrefix.length), value }));
  return { topic, publisher_id, state, from, to, text, attributes };
}

export function fromDraft({ attributes, ...rest }: Draft): Query {
  const given = attributes.filter(({ name }) => name !== '').map(({ name, value }) => [attributePrefix + name, value] as const);
  return { ...rest, ...Object.fromEntries(given) };
}

/** Each condition in words, and the filter without it. */
export function conditions(filter: Query): { text: string; without: Query }[] {
  return Object.entries(filter).map(([name, value]) => ({
    text: name.startsWith(attributePrefix) ? `${name.slice(attributePrefix.length)}=${value}` : `${words[name] ?? name} ${value}`,
    without: { ...filter, [name]: undefined, ...(name === 'topic' ? { publisher_id: undefined } : {}) },
  }));
}

const words: Record<string, string> = { publisher_id: 'publisher', to: 'before' };

/** What states a search may ask for, and what they are called. */
export const states: [string, string][] = [
  ['waiting', 'waiting'],
  ['parked', 'parked'],
  ['dead_lettered', 'dead'],
  ['delivered', 'delivered'],
  ['skipped', 'skipped'],
  ['discarded', 'discarded'],
];

/** One tail of an id tells messages apart; the head is the time. */
export const shortId = (id: string) => `…${id.slice(-12)}`;

export const isMessageId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
