import type { Topic } from '../../api/types';
import { Check, Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { fieldErrors } from '../../ui/FormProblem';
import { count } from '../../ui/format';
import { links } from '../../ui/links';
import type { GroupProps } from './FormParts';
import { useTopics } from '../../filters/useTopics';
import { types } from './types';

/** What is delivered, and where to; fixed once the publisher is there. */
export function WhereGroup({ draft, error, set }: GroupProps) {
  const { topics, isAll } = useTopics();
  const type = types[draft.type];
  return (
    <fieldset>
      <legend>What and where</legend>
      <Field label="Topic" errors={fieldErrors(error, 'topic')} hint={topics?.length === 0 ? <>There is none yet: <a href={links.newTopic()}>create a topic</a> first.</> : 'Whose messages it delivers.'}>
        {isAll
          ? (
            <select value={draft.topic} onChange={event => set({ topic: event.currentTarget.value })}>
              <option value="">Choose a topic</option>
              {namesOf(topics, draft.topic).map(name => <option key={name} value={name}>{name}</option>)}
            </select>
          )
          : <input value={draft.topic} onInput={event => set({ topic: event.currentTarget.value })} autoComplete="off" spellcheck={false} />}
      </Field>
      <Field label="Type" errors={fieldErrors(error, 'type')} hint="How it sends.">
        <select value={draft.type} onChange={event => set({ type: event.currentTarget.value })}>
          {Object.entries(types).map(([value, { name }]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </Field>
      <div class="field-full">
        <Field label="Target" errors={fieldErrors(error, 'target')} hint={`${type?.target ?? ''} Topic, type and target cannot be changed later.`}>
          <input inputMode={type?.inputMode} autoComplete="off" spellcheck={false} placeholder={type?.example} value={draft.target} onInput={event => set({ target: event.currentTarget.value })} />
        </Field>
      </div>
      <Choices
        label="Begin with"
        value={draft.from_now ? 'now' : 'log'}
        onChange={value => set({ from_now: value === 'now' })}
        choices={[
          { value: 'log', label: 'the complete log', hint: inLog(topics?.find(topic => topic.name === draft.topic)) },
          { value: 'now', label: 'what comes from now on', hint: 'What the topic has now is never delivered to it.' },
        ]}
      />
      <Check
        label="Start delivering at once"
        hint="Otherwise it is created paused, and delivers when it is resumed."
        isChecked={draft.active}
        onChange={active => set({ active })}
      />
    </fieldset>
  );
}

function namesOf(topics: Topic[] | undefined, chosen: string): string[] {
  const names = topics?.map(topic => topic.name) ?? [];
  return chosen === '' || names.includes(chosen) ? names : [chosen, ...names];
}

function inLog(topic: Topic | undefined): string {
  return topic === undefined ? 'Everything that the topic still keeps.'
    : topic.messages === 0 ? `${topic.name} is empty: it makes no difference now.`
    : `${topic.name} keeps ${count(topic.messages, 'message')}: ${topic.messages === 1 ? 'it is' : 'they are all'} delivered.`;
}
