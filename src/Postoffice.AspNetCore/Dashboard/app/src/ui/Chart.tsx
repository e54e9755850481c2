import { number } from './format';

export interface Series {
  name: string;
  /** The last one is that of the current minute. */
  values: number[];
  /** The class that gives it its colour and dash. */
  look: 'first' | 'second' | 'third';
}

const width = 600;
const height = 96;

/** The last hour by the minute. The last of them is not over yet: it is drawn faintly, so that it does not look like a fall. What is shown is said in words too. */
export function Chart({ label, series }: { label: string; series: Series[] }) {
  const most = Math.max(0, ...series.flatMap(each => each.values));
  const top = Math.max(1, most);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={summary(label, series)}>
        <line class="chart-base" x1="0" x2={width} y1={height - 1} y2={height - 1} />
        {series.map(({ name, look, values }) => {
          const all = points(values, top);
          return (
            <g key={name} class={`chart-line chart-${look}`}>
              <polyline points={all.slice(0, -1).join(' ')} />
              <polyline class="chart-current" points={all.slice(-2).join(' ')} />
            </g>
          );
        })}
      </svg>
      <figcaption>
        {series.map(each => (
          <span key={each.name} class="chart-key">
            <svg viewBox="0 0 24 6" aria-hidden="true"><line class={`chart-line chart-${each.look}`} x1="0" x2="24" y1="3" y2="3" /></svg>
            {each.name}
          </span>
        ))}
        <span class="chart-top">{most === 0 ? 'nothing in the last hour' : `last hour, at most ${number(most)} a minute`}</span>
      </figcaption>
    </figure>
  );
}

/** Where each value lies. */
function points(values: number[], top: number): string[] {
  const step = width / Math.max(1, values.length - 1);
  return values.map((value, index) => `${(index * step).toFixed(1)},${(height - 2 - (value / top) * (height - 6)).toFixed(1)}`);
}

function summary(label: string, series: Series[]): string {
  const said = series.map(each => `${each.name}: ${number(each.values.reduce((sum, value) => sum + value, 0))} in the last hour, at most ${number(Math.max(0, ...each.values))} a minute`);
  return `${label}. ${said.join('; ')}`;
}
