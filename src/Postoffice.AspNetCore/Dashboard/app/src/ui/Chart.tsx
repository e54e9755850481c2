import { number } from './format';

export interface Series {
  name: string;
  values: number[];
  /** The class that gives it its colour and dash. */
  look: 'first' | 'second' | 'third';
}

const width = 600;

/** Lines over the same span of time. What it shows is said in words too. */
export function Chart({ label, series, height = 96, unit = 'a minute' }: { label: string; series: Series[]; height?: number; unit?: string }) {
  const top = Math.max(1, ...series.flatMap(each => each.values));
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={summary(label, series, unit)}>
        <line class="chart-base" x1="0" x2={width} y1={height - 1} y2={height - 1} />
        {series.map(each => <polyline key={each.name} class={`chart-line chart-${each.look}`} points={points(each.values, top, height)} />)}
      </svg>
      <figcaption>
        {series.map(each => (
          <span key={each.name} class="chart-key">
            <svg viewBox="0 0 24 6" aria-hidden="true"><line class={`chart-line chart-${each.look}`} x1="0" x2="24" y1="3" y2="3" /></svg>
            {each.name}
          </span>
        ))}
        <span class="chart-top">last hour, at most {number(top)} {unit}</span>
      </figcaption>
    </figure>
  );
}

/** A line in a word's place. */
export function Sparkline({ label, values }: { label: string; values: number[] }) {
  const top = Math.max(1, ...values);
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} 60`} preserveAspectRatio="none" role="img" aria-label={summary(label, [{ name: label, values, look: 'first' }], 'a minute')}>
      <polyline class="chart-line chart-first" points={points(values, top, 60)} />
    </svg>
  );
}

function points(values: number[], top: number, height: number): string {
  const step = width / Math.max(1, values.length - 1);
  return values.map((value, index) => `${(index * step).toFixed(1)},${(height - 2 - (value / top) * (height - 6)).toFixed(1)}`).join(' ');
}

function summary(label: string, series: Series[], unit: string): string {
  const said = series.map(each => `${each.name}: ${number(each.values.reduce((sum, value) => sum + value, 0))} in the last hour, at most ${number(Math.max(0, ...each.values))} ${unit}`);
  return `${label}. ${said.join('; ')}`;
}
