import type { DeadLetterGroup } from '../../api/types';
import { config } from '../../api/config';
import type { Query } from '../../filters/useQuery';
import { number } from '../../ui/format';
import { links } from '../../ui/links';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import type { Verb } from './useBulk';

interface Props {
  groups: DeadLetterGroup[];
  filter: Query;
  isBusy: boolean;
  onBulk: (verb: Verb, group: DeadLetterGroup) => void;
}

/** Dead letters by what they died of, the largest group first: most often one cause has killed them all. */
export function Groups({ groups, filter, isBusy, onBulk }: Props) {
  const isChosen = filter.group !== undefined;
  const columns: Column<DeadLetterGroup>[] = [
    { title: 'Died of', show: group => <div><strong>{group.reason}</strong><br /><span class="target">{group.group}</span></div>, isWide: true },
    { title: 'Letters', show: group => number(group.count), isNumber: true },
    { title: 'First', show: group => <Time at={group.first_died_at} /> },
    { title: 'Last', show: group => <Time at={group.last_died_at} /> },
    { title: 'For example', show: ({ sample }) => <div><a href={links.message(sample.message_id)}>{sample.topic} {number(sample.position)}</a><span class="excerpt letter-error" title={sample.error}>{sample.error}</span></div> },
    {
      title: 'Actions',
      show: group => (
        <span class="row-actions many">
          {!isChosen && <a class="button" href={links.deadLetters({ ...filter, reason: group.reason, group: group.group })}>Show letters</a>}
          {!config.read_only && (
            <>
              <button type="button" disabled={isBusy} onClick={() => onBulk('retry', group)}>Retry all</button>
              <button type="button" class="danger" disabled={isBusy} onClick={() => onBulk('discard', group)}>Discard all</button>
            </>
          )}
        </span>
      ),
    },
  ];
  return <Table label="Groups of dead letters" rows={groups} keyOf={group => `${group.reason} ${group.group}`} columns={columns} />;
}
