import { query as format } from '../../api/client';
import type { DeadLetter, DeadLetterGroup, List } from '../../api/types';
import { config } from '../../api/config';
import { besideFields, beyondFields } from '../../filters/errors';
import { useQuery, type Query } from '../../filters/useQuery';
import { useData } from '../../live/useData';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { count, number } from '../../ui/format';
import { links } from '../../ui/links';
import { Page, Section } from '../../ui/Page';
import { BulkProgress } from './BulkProgress';
import { Groups } from './Groups';
import { LetterForm } from './LetterForm';
import { Letters } from './Letters';
import { select, toFilter } from './selection';
import { useBulk, type Verb } from './useBulk';

const pageSize = 50;

/** One cause makes one group: more than so many are noise. */
const mostGroups = 100;

/** What was given up: what of, and what to do about it. */
export function DeadLettersPage() {
  const [query, go] = useQuery();
  const filter = toFilter(query);
  const groups = useData<List<DeadLetterGroup>>('/dead_letters/groups' + format({ ...filter, limit: mostGroups }));
  const letters = useData<List<DeadLetter>>('/dead_letters' + format({ ...filter, after: query.after, limit: pageSize }), query.after !== undefined);
  const again = () => {
    groups.reload();
    letters.reload();
  };
  const controls = useBulk(again);
  const isBusy = controls.bulk?.phase === 'running';

  const found = groups.data?.data;
  const total = found?.reduce((sum, group) => sum + group.count, 0) ?? 0;
  const bulkOne = (verb: Verb, group: DeadLetterGroup) => controls.prepare({
    verb,
    selection: select({ ...filter, reason: group.reason, group: group.group }, [group]),
    of: `“${group.group}” (${group.reason})${scope(filter)}`,
  });
  const bulkAll = (verb: Verb) => controls.prepare({ verb, selection: select(filter, found ?? []), of: `all groups${scope(filter)}` });

  return (
    <Page title="Dead letters">
      <LetterForm filter={filter} errors={besideFields(groups.error)} onFilter={go} />
      <Problem error={beyondFields(groups.error ?? letters.error, filter)} retry={groups.error?.status === 400 ? undefined : again} />
      <BulkProgress controls={controls} />
      {groups.isLoading && <Loading />}
      {found?.length === 0 && <Nothing filter={filter} />}
      {found && found.length > 0 && (
        <Section
          title={`${found.length < mostGroups ? '' : 'The largest '}${count(found.length, 'group')}, ${count(total, 'dead letter')}`}
          actions={found.length > 1 && !config.read_only && (
            <>
              <button type="button" disabled={isBusy} onClick={() => bulkAll('retry')}>Retry all groups</button>
              <button type="button" class="danger" disabled={isBusy} onClick={() => bulkAll('discard')}>Discard all groups</button>
            </>
          )}
        >
          <Groups groups={found} filter={filter} isBusy={isBusy} onBulk={bulkOne} />
        </Section>
      )}
      {letters.data && (letters.data.data.length > 0 || query.after !== undefined) && (
        <Section title="Letters">
          {letters.data.data.length > 0
            ? <Letters letters={letters.data.data} onChange={again} />
            : <Empty title="No older dead letters." />}
        </Section>
      )}
      <nav class="pager" aria-label="Pages of dead letters">
        {query.after !== undefined && <a class="button" href={links.deadLetters(filter)}>Newest</a>}
        {letters.data && letters.data.next !== null && (
          <a class="button" href={links.deadLetters({ ...filter, after: letters.data.next })}>Older than these {number(letters.data.data.length)}</a>
        )}
      </nav>
    </Page>
  );
}

/** What else narrows a group, in words. */
function scope({ topic, publisher_id, reason, group, from, to }: Query): string {
  const said = [
    topic && ` of topic ${topic}`,
    publisher_id && ` of publisher ${publisher_id}`,
    reason && !group && ` that died of ${reason}`,
    from && ` that died since ${from}`,
    to && ` that died before ${to}`,
  ];
  return said.filter(Boolean).join(',');
}

function Nothing({ filter }: { filter: Query }) {
  return Object.keys(filter).length === 0
    ? <Empty title="Nothing is dead.">A delivery that is given up shows here: after its last attempt, at its greatest age, or when its target is forbidden. Nothing is lost: it can be retried from here.</Empty>
    : <Empty title="No dead letter is like that."><a href={links.deadLetters()}>Show all dead letters</a></Empty>;
}
