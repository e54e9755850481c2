import { serverNow } from '../../api/clock';
import type { Publisher } from '../../api/types';
import { State } from '../../ui/State';
import { stateOf } from './state';

/** How a publisher is, at a glance; hovering says why. */
export function PublisherState({ publisher }: { publisher: Publisher }) {
  const { tone, word, reason } = stateOf(publisher, serverNow());
  return <State tone={tone} title={reason}>{word}</State>;
}
