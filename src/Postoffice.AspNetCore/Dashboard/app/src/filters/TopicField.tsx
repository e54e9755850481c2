import { useEffect, useState } from 'preact/hooks';
import { Field } from '../ui/Field';
import { useTopics } from './useTopics';

interface Props {
  value: string;
  errors?: string[];
  onChange: (topic: string) => void;
}

/** One topic, or all: chosen, or typed when there are too many to choose from. */
export function TopicField(props: Props) {
  const { topics, isAll } = useTopics();
  return isAll ? <ChosenTopic {...props} names={topics?.map(topic => topic.name) ?? []} /> : <TypedTopic {...props} />;
}

function ChosenTopic({ value, errors, onChange, names }: Props & { names: string[] }) {
  return (
    <Field label="Topic" errors={errors}>
      <select value={value} onChange={event => onChange(event.currentTarget.value)}>
        <option value="">All topics</option>
        {value !== '' && !names.includes(value) && <option value={value}>{value}</option>}
        {names.map(name => <option key={name} value={name}>{name}</option>)}
      </select>
    </Field>
  );
}

/** Half a name is none yet: it is told when the field is left, or by Enter. */
function TypedTopic({ value, errors, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <Field label="Topic" errors={errors}>
      <input type="search" value={typed} placeholder="All topics" onInput={event => setTyped(event.currentTarget.value)} onChange={event => onChange(event.currentTarget.value)} />
    </Field>
  );
}
