/** One way to send, as the form and the page of a publisher have it. */
interface PublisherType {
  name: string;

  /** What its target is. */
  target: string;
  example: string;
  inputMode: 'url' | 'text';

  /** Whether the publisher's headers go with what it sends. */
  hasHeaders: boolean;

  /** How many messages go out in one call unless the publisher says so; null when it is always one. */
  chunkSize: number | null;
}

/** How a publisher can send; what this service is not set up for the server refuses, and says what to do. */
export const types: Record<string, PublisherType> = {
  http: {
    name: 'http: a POST to a URL',
    target: 'An absolute http or https URL, without credentials and fragment.',
    example: 'https://receiver.example/hook',
    inputMode: 'url',
    hasHeaders: true,
    chunkSize: null,
  },
  pubsub: {
    name: 'pubsub: Google Cloud Pub/Sub',
    target: 'A Pub/Sub topic: its id, if it is in the project that this service is set up with, or its full name.',
    example: 'projects/my-project/topics/orders',
    inputMode: 'text',
    hasHeaders: false,
    chunkSize: 100,
  },
};

/** Whether headers are of use. An application may have types of its own, of which nothing is known here. */
export function hasHeaders(type: string): boolean {
  return types[type]?.hasHeaders ?? true;
}
