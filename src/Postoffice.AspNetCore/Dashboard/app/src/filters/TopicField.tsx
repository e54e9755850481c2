import type { List, Topic } from '../api/types';
import { useData } from '../live/useData';
import { Field } from '../ui/Field';

interface Props {
  value: string;
  errors?: string[];
  onChange: (topic: string) => void;
}

/** One topic, or all: chosen, or typed when there are too many to choose from. */
export function TopicField({ value, errors, onChange }: Props) {
  const { data } = useData<List<Topic>>('/topics?limit=1000', true);
  if (data && data.next !== null) {
    return <Field label="Topic" errors={errors}><input value={value} placeholder="All topics" onInput={event => onChange(event.currentTarget.value)} /></Field>;
  }

  const names = data?.data.map(topic => topic.name) ?? [];
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
