import type { FoundMessage } from '../api/types';
import { number } from './format';
import { State } from './State';

/** How a message's deliveries stand, the worst first. */
export function MessageStates({ of: { dead_lettered, parked, waiting, settled } }: { of: FoundMessage['deliveries'] }) {
  return (
    <span class="states">
      {dead_lettered > 0 && <State tone="bad">{`${number(dead_lettered)} dead`}</State>}
      {parked > 0 && <State tone="warn">{`${number(parked)} parked`}</State>}
      {waiting > 0 && <State tone="busy">{`${number(waiting)} waiting`}</State>}
      {settled > 0 && <State tone="good" title="Delivered, skipped or discarded.">{`${number(settled)} settled`}</State>}
      {dead_lettered + parked + waiting + settled === 0 && <State tone="quiet" title="No publisher was there for it when it was received.">no publisher</State>}
    </span>
  );
}
