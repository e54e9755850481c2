import { attributePrefix, type Draft } from './search';

type Rows = Draft['attributes'];

interface Props {
  rows: Rows;
  errors: Record<string, string[]>;
  onChange: (rows: Rows) => void;
}

/** Attributes that a message must have: names and their exact values. */
export function AttributeRows({ rows, errors, onChange }: Props) {
  const replace = (index: number, changed: Partial<Rows[number]>) => onChange(rows.map((row, at) => (at === index ? { ...row, ...changed } : row)));
  return (
    <>
      {rows.map((row, index) => {
        const wrong = errors[attributePrefix + row.name];
        return (
          <div key={index} class="field attribute-field">
            <div class="attribute-row" role="group" aria-label={`Attribute ${index + 1}`}>
              <input aria-label="Attribute name" placeholder="name" value={row.name} required={row.value !== ''} onInput={event => replace(index, { name: event.currentTarget.value })} />
              <span aria-hidden="true">=</span>
              <input aria-label="Attribute value" placeholder="value" value={row.value} required={row.name !== ''} onInput={event => replace(index, { value: event.currentTarget.value })} />
              <button type="button" class="quiet" aria-label={`Remove attribute ${row.name || index + 1}`} onClick={() => onChange(rows.filter((_, at) => at !== index))}>✕</button>
            </div>
            {wrong && <p class="field-error">{row.name} {wrong.join(', ')}</p>}
          </div>
        );
      })}
    </>
  );
}
