import { base } from '../api/config';
import { query } from '../api/client';

const at = (path: string) => base + path;

/** Where each page lies. */
export const links = {
  overview: () => at(''),
  topics: () => at('topics'),
  // A topic may be named "new", but none has a slash in its name.
  newTopic: () => at('topics/-/new'),
  topic: (name: string) => at(`topics/${encodeURIComponent(name)}`),
  publishers: (topic?: string) => at('publishers' + query({ topic })),
  newPublisher: (topic?: string) => at('publishers/new' + query({ topic })),
  publisher: (id: number) => at(`publishers/${id}`),
  editPublisher: (id: number) => at(`publishers/${id}/edit`),
  messages: (filter: Record<string, string | number | null | undefined> = {}) => at('messages' + query(filter)),
  message: (id: string) => at(`messages/${id}`),
  deadLetters: (filter: Record<string, string | number | null | undefined> = {}) => at('dead-letters' + query(filter)),
};
