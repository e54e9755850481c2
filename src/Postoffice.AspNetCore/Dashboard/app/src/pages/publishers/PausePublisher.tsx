import { useState } from 'preact/hooks';
import { patch } from '../../api/client';
import type { Publisher } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { count } from '../../ui/format';

interface Props {
  publisher: Publisher;
  onDone: (text: string) => void;
  onClose: () => void;
}

/** Pauses a publisher, or resumes one that is. */
export function PausePublisher({ publisher, onDone, onClose }: Props) {
  // What was asked stays asked, though somebody else may pause or resume it meanwhile.
  const [isPausing] = useState(publisher.active);
  const action = useAction();
  const word = isPausing ? 'Pause' : 'Resume';
  const run = () => void action.run(async () => {
    await patch(`/publishers/${publisher.id}`, { active: !isPausing });
    onDone(isPausing ? 'It is paused; what was in flight is finished.' : 'It is resumed, and goes on where it stood.');
  });

  return (
    <Confirm title={`${word} publisher ${publisher.id}`} action={word} isBusy={action.isBusy} error={action.error} onConfirm={run} onClose={onClose}>
      {isPausing
        ? <p>What is in flight is finished, and then nothing more is sent to <strong class="target">{publisher.target}</strong>. Messages are kept and wait: {waiting(publisher)} now.</p>
        : <p>It goes on where it stood: {waiting(publisher)} for <strong class="target">{publisher.target}</strong>, and what comes meanwhile.{publisher.paused_reason === 'gone' && ' The receiver answered 410 Gone; if it still does, it is paused again.'}</p>}
    </Confirm>
  );
}

function waiting({ lag, parked }: Publisher): string {
  return `${count(lag, 'message')}${parked > 0 ? ` and ${count(parked, 'parked delivery', 'parked deliveries')}` : ''}`;
}
