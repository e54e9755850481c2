import { Field } from '../ui/Field';
import { useTopics } from './useTopics';

interface Props {
  value: string;
  errors?: string[];
  onChange: (topic: string) => void;
}

/** One topic, or all: chosen, or typed when there are too many to choose from. */
export function TopicField({ value, errors, onChange }: Props) {
  const { topics, isAll } = useTopics();
  if (!isAll) {
    return <Field label="Topic" errors={errors}><input type="search" value={value} placeholder="All topics" onChange={event => onChange(event.currentTarget.value)} /></Field>;
  }

  const names = topics?.map(topic => topic.name) ?? [];
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
