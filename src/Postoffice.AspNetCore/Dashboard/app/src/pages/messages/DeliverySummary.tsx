import type { Delivery, DeliveryStatus } from '../../api/types';
import { number } from '../../ui/format';
import { State, type Tone } from '../../ui/State';

/** The worst first. */
const states: [DeliveryStatus, Tone, string][] = [
  ['dead_lettered', 'bad', 'dead'],
  ['parked', 'warn', 'parked'],
  ['waiting', 'busy', 'waiting'],
  ['delivered', 'good', 'delivered'],
  ['skipped', 'quiet', 'skipped'],
  ['discarded', 'quiet', 'discarded'],
  ['settled', 'quiet', 'settled'],
  ['not_subscribed', 'quiet', 'not subscribed'],
];

export function DeliveryState({ state }: { state: DeliveryStatus }) {
  const [, tone, name] = states.find(([each]) => each === state) ?? [state, 'quiet' as const, state];
  return <State tone={tone}>{name}</State>;
}

/** How many publishers stand how. */
export function DeliverySummary({ deliveries }: { deliveries: Delivery[] }) {
  if (deliveries.length < 2) {
    return null;
  }

  const counted = states.map(([state, tone, name]) => ({ tone, name, count: deliveries.filter(delivery => delivery.state === state).length }));
  return <>{counted.filter(each => each.count > 0).map(each => <State key={each.name} tone={each.tone}>{`${number(each.count)} ${each.name}`}</State>)}</>;
}
