import { useEffect, useState } from 'preact/hooks';
import { PublisherField } from '../../filters/PublisherField';
import { TimeChoices, TimeFields } from '../../filters/TimeFields';
import { TopicField } from '../../filters/TopicField';
import type { Query } from '../../filters/useQuery';
import { Field } from '../../ui/Field';
import { links } from '../../ui/links';
import { reasons } from './selection';

interface Props {
  filter: Query;
  errors: Record<string, string[]>;
  onFilter: (filter: Query) => void;
}

/** Which dead letters are shown. */
export function LetterForm({ filter, errors, onFilter }: Props) {
  const [draft, setDraft] = useState(filter);
  const change = (changed: Query) => setDraft(before => ({ ...before, ...changed }));

  // The address changes without the form too: by Back, and by links.
  const address = JSON.stringify(filter);
  useEffect(() => setDraft(filter), [address]);

  const { topic = '', publisher_id = '', reason = '', from = '', to = '' } = draft;
  return (
    <form class="filters" aria-label="Dead letters" onSubmit={event => { event.preventDefault(); onFilter(draft); }}>
      <TopicField value={topic} errors={errors.topic} onChange={chosen => change({ topic: chosen, publisher_id: '' })} />
      <PublisherField topic={topic} value={publisher_id} errors={errors.publisher_id} onChange={id => change({ publisher_id: id })} />
      <Field label="Reason" errors={errors.reason}>
        <select value={reason} onChange={event => change({ reason: event.currentTarget.value })}>
          <option value="">Any</option>
          {(reason === '' || reasons.includes(reason) ? reasons : [reason, ...reasons]).map(each => <option key={each} value={each}>{each}</option>)}
        </select>
      </Field>
      <TimeFields from={from} to={to} errors={errors} onChange={change} />
      <div class="filters-actions">
        <button type="submit" class="primary">Show</button>
        <TimeChoices onChoose={range => onFilter({ ...draft, ...range })} />
        {filter.group && <a class="button" href={links.deadLetters({ ...filter, group: undefined })}>All groups, not only “{filter.group}”</a>}
        {Object.keys(filter).length > 0 && <a class="button" href={links.deadLetters()}>Clear</a>}
      </div>
    </form>
  );
}
