import { useState } from 'preact/hooks';
import { Field } from '../../ui/Field';
import { fieldErrors } from '../../ui/FormProblem';
import { Pairs } from '../../ui/Pairs';
import { FilterField } from './FilterField';
import { type GroupProps, NumberField } from './FormParts';
import { hasHeaders, types } from './types';

/** What most publishers leave as it is. Open when something is set; a form's problem opens it when something is wrong. */
export function AdvancedGroup(group: GroupProps) {
  const { draft, error, set } = group;
  const [isOpen, setOpen] = useState(() => isUsed(group));
  const chunkSize = types[draft.type]?.chunkSize;

  return (
    <details open={isOpen} onToggle={event => event.target === event.currentTarget && setOpen(event.currentTarget.open)}>
      <summary>{hasHeaders(draft.type) ? 'Advanced: filter, headers, demand' : 'Advanced: filter, demand, messages in one call'}</summary>
      <fieldset>
        <legend>Advanced</legend>
        <FilterField {...group} />
        {hasHeaders(draft.type) && (
          <Pairs
            label="Headers"
            one="header"
            pairs={draft.headers}
            onChange={headers => set({ headers })}
            errors={fieldErrors(error, 'headers')}
            hint="Go with each request. Printable ASCII; at most 64. They are shown to whoever may see this page."
          />
        )}
        <NumberField
          {...group}
          name="max_demand"
          label="Demand at most"
          empty={chunkSize ? "four calls' worth" : "the node's"}
          hint={chunkSize
            ? `Deliveries in flight at once, over all calls. 1 to 1,000; when empty four calls' worth (${4 * chunkSize} unless more or fewer go out in one), or the node's when that is more.`
            : "Deliveries in flight at once. 1 to 1,000; the node's (50 unless set there) when empty."}
        />
        <NumberField
          {...group}
          name="min_demand"
          label="Ask again at"
          empty="half"
          hint={`How many must finish, or be left, before more are asked for: see the mode. 0 to the demand less one; ${chunkSize ? 'half' : "the node's, else half,"} when empty.`}
        />
        <Field label="Demand mode" errors={fieldErrors(error, 'demand_mode')} hint="When it asks for more: when that many have finished (right for slow receivers), or when no more than that many are left.">
          <select value={draft.demand_mode} onChange={event => set({ demand_mode: event.currentTarget.value as typeof draft.demand_mode })}>
            <option value="">The node's</option>
            <option value="completed">completed: when so many have finished</option>
            <option value="low_watermark">low_watermark: when so many are left</option>
          </select>
        </Field>
        <Field label="Adaptive demand" errors={fieldErrors(error, 'adaptive_demand')} hint="Whether the demand shrinks while the receiver throttles, times out or slows down.">
          <select value={draft.adaptive_demand} onChange={event => set({ adaptive_demand: event.currentTarget.value as typeof draft.adaptive_demand })}>
            <option value="">The node's</option>
            <option value="true">yes</option>
            <option value="false">no</option>
          </select>
        </Field>
        <NumberField
          {...group}
          name="chunk_size"
          label="Messages in one call"
          empty={chunkSize ? String(chunkSize) : "the transport's"}
          hint={chunkSize
            ? `So many at most go out together, when there are so many; none waits for others. 1 to 1,000; ${chunkSize} when empty.`
            : "For transports that can; http sends one at a time. 1 to 1,000; the transport's default when empty."}
        />
      </fieldset>
    </details>
  );
}

function isUsed({ draft }: GroupProps): boolean {
  return [draft.filter, draft.max_demand, draft.min_demand, draft.demand_mode, draft.adaptive_demand, draft.chunk_size].some(text => text !== '') || draft.headers.length > 0;
}
