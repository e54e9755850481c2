import { type GroupProps, NumberField } from './FormParts';

/** How long an attempt may take, and what follows when it fails. */
export function RetryGroup(group: GroupProps) {
  return (
    <fieldset>
      <legend>Retries</legend>
      <NumberField {...group} name="seconds_timeout" label="Timeout, seconds" empty="30" hint="Over connect, TLS, request, headers and body of one attempt. 1 to 300; 30 when empty." />
      <NumberField {...group} name="seconds_retry" label="First retry after, seconds" empty="30" hint="The pause doubles with each attempt, up to an hour. 1 to 3,600; 30 when empty." />
      <NumberField {...group} name="max_attempts" label="Attempts" empty="100" hint="After so many failures the delivery is a dead letter. 1 to 1,000; 100 when empty." />
      <NumberField
        {...group}
        name="seconds_max_age"
        label="Give up at age, seconds"
        empty="no limit"
        hint="Counted from when the message was received: a delivery that has just failed at this age is a dead letter. 1 to 31,536,000 (a year); no limit when empty."
      />
    </fieldset>
  );
}
