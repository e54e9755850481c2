import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { post } from '../../api/client';
import { config } from '../../api/config';
import type { Single, Topic } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Check } from '../../ui/Choices';
import { Empty } from '../../ui/Feedback';
import { Field } from '../../ui/Field';
import { fieldErrors, FormProblem } from '../../ui/FormProblem';
import { links } from '../../ui/links';
import { Page } from '../../ui/Page';

const fields = ['name', 'origin_host', 'recovery_enabled'];

export function NewTopicPage() {
  const { route } = useLocation();
  const action = useAction();
  const [name, setName] = useState('');
  const [originHost, setOriginHost] = useState('');
  const [isRecovering, setRecovering] = useState(false);

  const create = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      const { data } = await post<Single<Topic>>('/topics', { name, origin_host: originHost, recovery_enabled: isRecovering });
      route(links.topic(data.name));
    });
  };

  const crumb = { href: links.topics(), text: 'Topics' };
  if (config.read_only) {
    return <Page title="New topic" crumb={crumb}><Empty title="You may look and change nothing." /></Page>;
  }

  return (
    <Page title="New topic" crumb={crumb}>
      <form class="form" onSubmit={create} noValidate>
        <fieldset>
          <legend>What and where from</legend>
          <Field label="Name" errors={fieldErrors(action.error, 'name')} hint="1 to 255 letters, digits, marks, spaces and - . _ ~ + % : @; case matters. It cannot be changed later.">
            <input value={name} onInput={event => setName(event.currentTarget.value)} placeholder="orders" autoComplete="off" spellcheck={false} required />
          </Field>
          <Field
            label="Origin host"
            errors={fieldErrors(action.error, 'origin_host')}
            hint="The system whose messages these are: a host, host:port or an http(s) URL. Postoffice keeps it with the topic, so that everybody sees where the messages come from; publishing does not depend on it."
          >
            <input value={originHost} onInput={event => setOriginHost(event.currentTarget.value)} placeholder="shop.example" autoComplete="off" spellcheck={false} required />
          </Field>
          <Check
            label="Recovery from the origin host"
            hint="Marks that messages which the origin host could not hand over may be fetched back from it. This version keeps the mark and fetches nothing by itself."
            isChecked={isRecovering}
            onChange={setRecovering}
          />
        </fieldset>
        <FormProblem error={action.error} fields={fields} />
        <div class="form-actions">
          <button type="submit" class="primary" disabled={action.isBusy}>Create topic</button>
          <a class="button" href={links.topics()}>Cancel</a>
        </div>
      </form>
    </Page>
  );
}
