import { apiBase } from '../api/config';

export type LiveState = 'connecting' | 'live' | 'polling';

/** How often pages look by themselves while nobody tells them. */
const pollMilliseconds = 3_000;

/** The first pulse comes at once; a connection that brings none has something in between that holds it back. */
const patienceMilliseconds = 5_000;

/**
 * Tells the pages that something has changed: by server-sent events, and by the clock while those do not come. One connection a page, none while the page is
 * hidden: browsers allow few to one host.
 */
class Live {
  #listeners = new Set<() => void>();
  #source: EventSource | undefined;
  #poll: number | undefined;
  #patience: number | undefined;
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

  #open() {
    if (this.#source || document.hidden) {
      return;
    }

    this.#source = new EventSource(apiBase + '/events');
    this.#source.addEventListener('pulse', event => {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      clearInterval(this.#poll);
      this.#poll = undefined;
      const change = (JSON.parse((event as MessageEvent<string>).data) as { change: string }).change;
      const isNew = change !== this.#change;
      this.#change = change;
      this.#become('live', isNew);
    });
    this.#source.addEventListener('error', () => this.#startPolling());
    this.#patience = window.setTimeout(() => this.#startPolling(), patienceMilliseconds);
  }

  #startPolling() {
    // The browser goes on trying to connect, unless it was told not to.
    if (this.#source?.readyState === EventSource.CLOSED) {
      this.#source = undefined;
    }

    this.#poll ??= window.setInterval(() => {
      this.#become('polling', true);
      this.#open();
    }, pollMilliseconds);
    this.#become('polling', false);
  }

  #close() {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#patience);
    clearInterval(this.#poll);
    this.#patience = this.#poll = undefined;

    // What happens meanwhile is news when the page is seen again.
    this.#change = '';
  }

  #become(state: LiveState, isNews: boolean) {
    const isOther = state !== this.state;
    this.state = state;
    if (isOther || isNews) {
      this.#listeners.forEach(listener => listener());
    }
  }
}

export const live = new Live();
