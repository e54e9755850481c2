import { query } from '../api/client';
import type { List, Publisher } from '../api/types';
import { useData } from '../live/useData';
import { Field } from '../ui/Field';

interface Props {
  /** Only its publishers; empty for those of all topics. */
  topic: string;
  value: string;
  errors?: string[];
  onChange: (id: string) => void;
}

/** One publisher, or all. */
export function PublisherField({ topic, value, errors, onChange }: Props) {
  const { data } = useData<List<Publisher>>('/publishers' + query({ topic, limit: 1_000 }), true);
  const publishers = data?.data ?? [];
  return (
    <Field label="Publisher" errors={errors}>
      <select value={value} onChange={event => onChange(event.currentTarget.value)}>
        <option value="">All publishers</option>
        {value !== '' && !publishers.some(each => String(each.id) === value) && <option value={value}>{`Publisher ${value}`}</option>}
        {publishers.map(each => (
          <option key={each.id} value={String(each.id)}>{`${topic === '' ? `${each.topic}: ` : ''}${each.target} (${each.type})`}</option>
        ))}
        {data && data.next !== null && <option disabled>Choose a topic to see its publishers</option>}
      </select>
    </Field>
  );
}
