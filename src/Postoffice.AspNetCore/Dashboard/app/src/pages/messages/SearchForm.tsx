import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { PublisherField } from '../../filters/PublisherField';
import { TimeChoices, TimeFields } from '../../filters/TimeFields';
import { TopicField } from '../../filters/TopicField';
import type { Query } from '../../filters/useQuery';
import { Field } from '../../ui/Field';
import { links } from '../../ui/links';
import { AttributeRows } from './AttributeRows';
import { fromDraft, isMessageId, states, toDraft, type Draft } from './search';

interface Props {
  filter: Query;
  errors: Record<string, string[]>;
  onSearch: (filter: Query) => void;
}

/** Which messages are looked for. */
export function SearchForm({ filter, errors, onSearch }: Props) {
  const { route } = useLocation();
  const [draft, setDraft] = useState(() => toDraft(filter));
  const change = (changed: Partial<Draft>) => setDraft(before => ({ ...before, ...changed }));

  // The address changes without the form too: by Back, by links, by the search at the top of the page.
  const address = JSON.stringify(filter);
  useEffect(() => setDraft(toDraft(filter)), [address]);

  const search = (asked: Draft) => {
    const text = asked.text.trim();
    if (isMessageId(text)) {
      route(links.message(text.toLowerCase()));
    } else {
      onSearch(fromDraft(asked));
    }
  };

  return (
    <form class="filters" role="search" aria-label="Messages" onSubmit={event => { event.preventDefault(); search(draft); }}>
      <TopicField value={draft.topic} errors={errors.topic} onChange={topic => change({ topic, publisher_id: '' })} />
      <PublisherField topic={draft.topic} value={draft.publisher_id} errors={errors.publisher_id} onChange={id => change({ publisher_id: id })} />
      <Field label="State" errors={errors.state}>
        <select value={draft.state} onChange={event => change({ state: event.currentTarget.value })}>
          <option value="">Any</option>
          {states.map(([state, name]) => <option key={state} value={state}>{name}</option>)}
        </select>
      </Field>
      <TimeFields from={draft.from} to={draft.to} errors={errors} onChange={change} />
      <Field label="Payload text, or an id" errors={errors.text}>
        <input type="search" value={draft.text} onInput={event => change({ text: event.currentTarget.value })} />
      </Field>
      <AttributeRows rows={draft.attributes} errors={errors} onChange={attributes => change({ attributes })} />
      <div class="filters-actions">
        <button type="submit" class="primary">Search</button>
        <TimeChoices onChoose={range => search({ ...draft, ...range })} />
        <button type="button" onClick={() => change({ attributes: [...draft.attributes, { name: '', value: '' }] })}>Add an attribute</button>
        {Object.keys(filter).length > 0 && <a class="button" href={links.messages()}>Clear</a>}
      </div>
    </form>
  );
}
