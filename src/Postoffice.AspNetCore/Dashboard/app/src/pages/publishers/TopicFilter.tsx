import { useLocation } from 'preact-iso';
import { Field } from '../../ui/Field';
import { links } from '../../ui/links';
import { useTopics } from './useTopics';

/** Which topic's publishers are listed; in the page's address, so that it can be shared. */
export function TopicFilter({ topic }: { topic: string }) {
  const { route } = useLocation();
  const { topics, isAll } = useTopics();
  const names = topics?.map(each => each.name) ?? [];
  const choices = topic === '' || names.includes(topic) ? names : [topic, ...names];
  return (
    <div class="filters">
      <Field label="Topic">
        {isAll
          ? (
            <select value={topic} onChange={event => route(links.publishers(event.currentTarget.value))}>
              <option value="">All topics</option>
              {choices.map(name => <option key={name} value={name}>{name}</option>)}
            </select>
          )
          : <input type="search" value={topic} placeholder="All topics" onChange={event => route(links.publishers(event.currentTarget.value))} />}
      </Field>
    </div>
  );
}
