import { State, type Tone } from '../../ui/State';

const states: Record<string, [Tone, string]> = {
  not_running: ['bad', 'not running'],
  breaker_open: ['bad', 'receiver fails'],
  offline: ['bad', 'node offline'],
  paused: ['warn', 'paused'],
  lag_growing: ['warn', 'falls behind'],
  blocked_keys: ['warn', 'keys blocked'],
  dead_letters: ['warn', 'dead letters'],
  rate_limited: ['quiet', 'rate limited'],
};

export function AttentionState({ reason }: { reason: string }) {
  const [tone, text] = states[reason] ?? ['warn', reason.replaceAll('_', ' ')];
  return <State tone={tone}>{text}</State>;
}
