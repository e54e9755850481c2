const restMilliseconds = 1_000;

/** Reading takes a quarter of the time at most, however much happens: what is slow for the server is asked for less often. */
const restPerWork = 3;

/** How soon something may be read again. */
export class Pace {
  #started = 0;
  #restedAt = 0;

  begin() {
    this.#started = performance.now();
  }

  end() {
    const now = performance.now();
    this.#restedAt = now + Math.max(restMilliseconds, restPerWork * (now - this.#started));
  }

  /** In so many milliseconds; not at once, for what changes seldom comes alone. */
  get wait(): number {
    return Math.max(50, this.#restedAt - performance.now());
  }
}
