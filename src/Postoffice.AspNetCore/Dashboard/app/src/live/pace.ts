const leastMilliseconds = 1_000;
const mostMilliseconds = 10_000;

/** Reading takes a quarter of the time at most, however much happens: what is slow for the server is asked for less often. */
const restPerWork = 3;

/** How soon something may be read again. */
export class Pace {
  #startedAt = 0;
  #restedAt = 0;

  begin() {
    this.#startedAt = performance.now();
  }

  /** Who got no answer asks again soon: nothing says that it was much work. */
  end(isAnswered: boolean) {
    const now = performance.now();
    const rest = isAnswered ? restPerWork * (now - this.#startedAt) : 0;
    this.#restedAt = now + Math.min(mostMilliseconds, Math.max(leastMilliseconds, rest));
  }

  /** In so many milliseconds; not at once, for what changes seldom comes alone. */
  get wait(): number {
    return Math.max(50, this.#restedAt - performance.now());
  }
}
