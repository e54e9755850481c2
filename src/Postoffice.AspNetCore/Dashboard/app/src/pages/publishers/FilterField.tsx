import { Field } from '../../ui/Field';
import { fieldErrors } from '../../ui/FormProblem';
import type { GroupProps } from './FormParts';

const example = '{"attributes": {"type": [{"prefix": "order."}]}, "payload": {"order": {"total": [{"numeric": [">=", 100]}]}}}';

/** Which messages are delivered. */
export function FilterField({ draft, error, set }: GroupProps) {
  return (
    <div class="field-full">
      <Field label="Filter" isOptional errors={fieldErrors(error, 'filter')} hint="JSON: which messages are delivered. The others are skipped and counted, and are not called back by a later filter. All when empty; at most 16 KiB.">
        <textarea rows={6} spellcheck={false} placeholder={example} value={draft.filter} onInput={event => set({ filter: event.currentTarget.value })} />
      </Field>
      <details class="help">
        <summary>How a filter is written</summary>
        <ul class="consequences">
          <li><code>attributes</code> and <code>payload</code> name fields, each with a list of matchers. For each field one matcher must hold. Of the payload, fields are nested as it is.</li>
          <li>A matcher is a value (<code>"eu"</code>, <code>5</code>, <code>true</code>, <code>null</code>), or one of <code>prefix</code>, <code>suffix</code>, <code>equals-ignore-case</code>, <code>anything-but</code>, <code>exists</code>, <code>numeric</code>: <code>{'{"numeric": [">", 0, "<=", 100]}'}</code>.</li>
          <li><code>any</code> and <code>all</code> hold lists of such conditions.</li>
          <li>Attributes are texts; <code>5</code> matches the attribute <code>5.0</code> too. Case counts. There are no wildcards and no regular expressions.</li>
          <li>Everything else: <code>docs/filters.md</code>, which comes with Postoffice.</li>
        </ul>
        <p>For example <code>{example}</code></p>
      </details>
    </div>
  );
}
