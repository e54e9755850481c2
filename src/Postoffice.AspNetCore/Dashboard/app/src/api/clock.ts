/** A clock that is right to within so much is left alone: a Date header has whole seconds, and servers renew it once a second. */
const toleranceMilliseconds = 3_000;

/** How far the server's clock is ahead of this computer's. */
let ahead = 0;

/** Compares the clocks by the `Date` header of an answer that was asked for and came at these times of this computer. */
export function hearTime(date: string | null, asked: number, answered: number): void {
  const told = Date.parse(date ?? '');
  const least = told - answered - toleranceMilliseconds;
  const most = told - asked + toleranceMilliseconds;
  if (ahead < least || ahead > most) {
    ahead = least <= 0 && most >= 0 ? 0 : told + 500 - (asked + answered) / 2;
  }
}

/** Now, by the server's clock: what it says of times is told by that one, however wrong this computer's is. */
export function serverNow(): number {
  return Date.now() + ahead;
}
