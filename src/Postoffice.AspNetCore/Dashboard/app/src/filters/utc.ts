/** What an input of type datetime-local shows for a time of the API: the same time in UTC, to the second. Empty when it is none. */
export function toInput(time: string | undefined): string {
  const date = new Date(time ?? NaN);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19);
}

/** The time that was typed, taken as UTC; browsers leave out seconds that are zero. */
export function fromInput(typed: string): string {
  return typed === '' ? '' : `${typed.length === 16 ? `${typed}:00` : typed}Z`;
}

/** So long before `now`, to the second. */
export function before(now: number, milliseconds: number): string {
  return `${new Date(now - milliseconds).toISOString().slice(0, 19)}Z`;
}

/** The first time after one that the API gave: it is finer than a clock of JavaScript, so this is up to a millisecond later. */
export function justAfter(time: string): string {
  return new Date(new Date(time).getTime() + 1).toISOString();
}
