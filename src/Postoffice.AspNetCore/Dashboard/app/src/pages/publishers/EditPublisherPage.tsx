import { useLocation, useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { bodyOf } from '../../api/body';
import { ApiError, patch } from '../../api/client';
import { config } from '../../api/config';
import type { Publisher, Single } from '../../api/types';
import { useAction } from '../../live/useAction';
import { useData } from '../../live/useData';
import { Check } from '../../ui/Choices';
import { Facts } from '../../ui/Facts';
import { Empty, Loading, Problem } from '../../ui/Feedback';
import { FormProblem } from '../../ui/FormProblem';
import { count } from '../../ui/format';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { AdvancedGroup } from './AdvancedGroup';
import { changes, type Draft, draftErrors, draftOf, fieldNames } from './draft';
import { NoSuchPublisher } from './NoSuchPublisher';
import { OrderGroup } from './OrderGroup';
import { RetryGroup } from './RetryGroup';

/** Changes a publisher's settings. It is read once: what somebody types is not overwritten by what happens meanwhile. */
export function EditPublisherPage() {
  const id = useRoute().params.id ?? '';
  const { data, error, isLoading, reload } = useData<Single<Publisher>>(`/publishers/${encodeURIComponent(id)}`, true);
  if (error?.status === 404) {
    return <NoSuchPublisher id={id} />;
  }

  return (
    <Page title={`Edit publisher ${id}`} crumb={data ? { href: links.publisher(data.data.id), text: data.data.target } : { href: links.publishers(), text: 'Publishers' }}>
      {config.read_only ? <Empty title="You may look and change nothing." /> : (
        <>
          <Problem error={error} retry={reload} />
          {isLoading && <Loading />}
          {data && <EditForm publisher={data.data} />}
        </>
      )}
    </Page>
  );
}

function EditForm({ publisher }: { publisher: Publisher }) {
  const { route } = useLocation();
  const action = useAction();
  const [before] = useState(() => draftOf(publisher));
  const [isInexact] = useState(() => hasLongNumber(publisher.filter));
  const [draft, setDraft] = useState(before);
  const changed = changes(draft, before);
  const many = Object.keys(changed).length;
  const group = { draft, error: action.error, set: (part: Partial<Draft>) => setDraft(old => ({ ...old, ...part })) };

  const save = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      const wrong = draftErrors(draft);
      if (Object.keys(wrong).length > 0) {
        throw new ApiError(400, '', wrong);
      }

      await patch(`/publishers/${publisher.id}`, bodyOf({}, changed));
      route(links.publisher(publisher.id));
    });
  };

  return (
    <form class="form" onSubmit={save} noValidate>
      <Facts facts={[['Topic', publisher.topic], ['Type', publisher.type], ['Target', publisher.target]]} />
      <p class="hint">These cannot be changed: create another publisher instead. What you change takes effect at once; what is in flight is finished.</p>
      <fieldset>
        <legend>Delivery</legend>
        <Check label="Active" hint="Off: it is paused, and messages are kept." isChecked={draft.active} onChange={active => group.set({ active })} />
      </fieldset>
      <RetryGroup {...group} />
      <OrderGroup {...group} />
      <AdvancedGroup {...group} />
      {isInexact && <p class="hint">Its filter has numbers with more digits than a browser keeps: above they are rounded. They stay as they are unless you change the filter; then write them anew.</p>}
      <FormProblem error={action.error} fields={fieldNames} />
      <div class="form-actions">
        <button type="submit" class="primary" disabled={action.isBusy || many === 0}>{many === 0 ? 'Nothing changed' : `Save ${count(many, 'change')}`}</button>
        <a class="button" href={links.publisher(publisher.id)}>Cancel</a>
        {many > 0 && <span class="hint">{Object.keys(changed).join(', ')}</span>}
      </div>
    </form>
  );
}

/** Numbers of filters are exact on the server, and doubles here. */
function hasLongNumber(value: unknown): boolean {
  return typeof value === 'number' ? String(value).replace(/e.*|\D/g, '').length > 15 || !Number.isFinite(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasLongNumber);
}
