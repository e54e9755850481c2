import { apiBase } from '../api/config';

export type LiveState = 'connecting' | 'live' | 'polling';

/** How often pages look by themselves while nobody tells them. */
const pollMilliseconds = 3_000;

/** How often they look though nobody tells them of anything: rates fall, limits end and nodes fall silent without an event. */
const idleMilliseconds = 10_000;

/** The first pulse comes at once; a connection that brings none has something in between that holds it back. */
const patienceMilliseconds = 5_000;

/**
 * Tells the pages that something has changed: by server-sent events, and by the clock while those do not come. One connection a page, none while the page is
 * hidden: browsers allow few to one host.
 */
class Live {
  #listeners = new Set<() => void>();
  #source: EventSource | undefined;
  #clock: number | undefined;
  #patience: number | undefined;
  #toldAt = 0;
  #change = '';
  state: LiveState = 'connecting';

  constructor() {
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#close() : this.#open()));
    addEventListener('pagehide', () => this.#close());
    addEventListener('pageshow', event => event.persisted && this.#open());
  }

  /** Calls `listener` when something has changed, or may have. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#open();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The server did not answer: a connection to it may be dead too, which a browser does not notice by itself. */
  doubt() {
    if (this.state === 'live') {
      this.#disconnect();
      this.#become('polling', false);
      this.#open();
    }
  }

  #open() {
    if (document.hidden) {
      return;
    }

    this.#clock ??= window.setInterval(() => this.#tick(), pollMilliseconds);
    if (this.#source) {
      return;
    }

    this.#source = new EventSource(apiBase + '/events');
    this.#source.addEventListener('pulse', event => this.#hear((event as MessageEvent<string>).data));
    this.#source.addEventListener('error', () => this.#become('polling', false));
    this.#patience = window.setTimeout(() => this.#become('polling', false), patienceMilliseconds);
  }

  #hear(pulse: string) {
    clearTimeout(this.#patience);
    const { change } = JSON.parse(pulse) as { change: string };
    const isNew = change !== this.#change;
    this.#change = change;
    this.#become('live', isNew);
  }

  #tick() {
    if (this.state === 'polling' || performance.now() - this.#toldAt >= idleMilliseconds) {
      this.#tell();
    }

    // The browser tries to connect again by itself, unless it was refused.
    if (this.#source?.readyState === EventSource.CLOSED) {
      this.#disconnect();
      this.#open();
    }
  }

  #disconnect() {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#patience);

    // What happens meanwhile is news.
    this.#change = '';
  }

  #close() {
    this.#disconnect();
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#become('connecting', false);
  }

  #become(state: LiveState, isNews: boolean) {
    const isOther = state !== this.state;
    this.state = state;
    if (isOther || isNews) {
      this.#tell();
    }
  }

  #tell() {
    this.#toldAt = performance.now();
    this.#listeners.forEach(listener => listener());
  }
}

export const live = new Live();
