import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { bodyOf } from '../../api/body';
import { ApiError, post } from '../../api/client';
import { config } from '../../api/config';
import type { Publisher, Single } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Empty } from '../../ui/Feedback';
import { FormProblem } from '../../ui/FormProblem';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';
import { AdvancedGroup } from './AdvancedGroup';
import { creation, type Draft, draftErrors, fieldNames, newDraft } from './draft';
import { OrderGroup } from './OrderGroup';
import { RetryGroup } from './RetryGroup';
import { WhereGroup } from './WhereGroup';

/** Creates a publisher; `topic` in the page's address chooses the topic. */
export function NewPublisherPage() {
  const { query: asked, route } = useLocation();
  const action = useAction();
  const [draft, setDraft] = useState(() => newDraft(asked.topic ?? ''));
  const group = { draft, error: action.error, set: (changed: Partial<Draft>) => setDraft(before => ({ ...before, ...changed })) };

  const create = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      const wrong = draftErrors(draft);
      if (Object.keys(wrong).length > 0) {
        throw new ApiError(400, '', wrong);
      }

      const { data } = await post<Single<Publisher>>('/publishers', bodyOf({}, creation(draft)));
      route(links.publisher(data.id));
    });
  };

  const crumb = { href: links.publishers(), text: 'Publishers' };
  if (config.read_only) {
    return <Page title="New publisher" crumb={crumb}><Empty title="You may look and change nothing." /></Page>;
  }

  return (
    <Page title="New publisher" crumb={crumb}>
      <form class="form" onSubmit={create} noValidate>
        <WhereGroup {...group} />
        <RetryGroup {...group} />
        <OrderGroup {...group} />
        <AdvancedGroup {...group} />
        <FormProblem error={action.error} fields={fieldNames} />
        <div class="form-actions">
          <button type="submit" class="primary" disabled={action.isBusy}>Create publisher</button>
          <a class="button" href={links.publishers(asked.topic)}>Cancel</a>
        </div>
      </form>
    </Page>
  );
}
