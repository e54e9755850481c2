import { query } from '../../api/client';
import type { Activity, Single } from '../../api/types';
import { useData } from '../../live/useData';
import { Chart, type Series } from '../../ui/Chart';
import { Loading, Problem } from '../../ui/Feedback';
import { milliseconds, percent } from '../../ui/format';
import { Section } from '../../ui/Page';

interface Props {
  topic?: string;
  publisherId?: number;
}

/** The last hour of a topic or a publisher. */
export function ActivitySection({ topic, publisherId }: Props) {
  const { data, error, isLoading, reload } = useData<Single<Activity>>('/activity' + query({ topic, publisher_id: publisherId }));
  return (
    <Section title="The last hour">
      <Problem error={error} retry={reload} />
      {isLoading && <Loading />}
      {data && (
        <>
          <Chart label="Messages a minute" series={toSeries(data.data, publisherId !== undefined)} />
          <p class="hint">{inWords(data.data)}</p>
        </>
      )}
    </Section>
  );
}

/** A topic receives; a publisher does not, and few have a filter. */
function toSeries({ minutes }: Activity, isPublisher: boolean): Series[] {
  const delivered: Series = { name: 'delivered', values: minutes.map(minute => minute.delivered), look: 'second' };
  const failed: Series = { name: 'failed attempts', values: minutes.map(minute => minute.failed), look: 'third' };
  const skipped: Series = { name: 'skipped by the filter', values: minutes.map(minute => minute.skipped ?? 0), look: 'first' };
  return isPublisher
    ? [delivered, failed, ...(skipped.values.some(value => value > 0) ? [skipped] : [])]
    : [{ name: 'received', values: minutes.map(minute => minute.received), look: 'first' }, delivered, failed];
}

function inWords({ latency, error_rate }: Activity): string {
  const told = [
    latency && `half were delivered within ${milliseconds(latency.p50_ms)} of being received, 99 % within ${milliseconds(latency.p99_ms)}`,
    error_rate !== null && `${percent(error_rate)} of the attempts failed`,
  ].filter(Boolean);
  return told.length === 0 ? 'Nothing was attempted in the last 5 minutes.' : `In the last 5 minutes ${told.join('; ')}.`;
}
