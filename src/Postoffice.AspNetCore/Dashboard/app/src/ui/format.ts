const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export function number(value: number): string {
  return whole.format(value);
}

/** A rate: fine while it is small. */
export function rate(value: number): string {
  return value > 0 && value < 0.05 ? '<0.1' : value < 10 ? fine.format(value) : whole.format(value);
}

export function milliseconds(value: number): string {
  return value === 0 ? '<1 ms' : value < 10 ? `${fine.format(value)} ms` : value < 1_000 ? `${whole.format(value)} ms` : value < 60_000 ? `${fine.format(value / 1_000)} s` : span(value);
}

export function percent(share: number): string {
  return share > 0 && share < 0.001 ? '<0.1 %' : `${fine.format(share * 100)} %`;
}

export function bytes(value: number): string {
  return value < 1_024 ? `${value} B` : value < 1_048_576 ? `${fine.format(value / 1_024)} KiB` : `${fine.format(value / 1_048_576)} MiB`;
}

/** "1 message", "2 messages". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

const units: [string, number][] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]];

/** A span of time by its largest unit. */
export function span(value: number): string {
  for (const [unit, size] of units) {
    if (value >= size) {
      return `${Math.floor(value / size)} ${unit}`;
    }
  }

  return '0 s';
}

/** "3 min ago", "in 8 s", "just now". */
export function relative(time: Date, now: number): string {
  const past = now - time.getTime();
  return Math.abs(past) < 1_000 ? 'just now' : past > 0 ? `${span(past)} ago` : `in ${span(-past)}`;
}

/** Exact, in UTC, as logs have it. */
export function exact(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', ' UTC');
}
