import { useState } from 'preact/hooks';
import { post } from '../../api/client';
import type { Delivery, Message } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { Problem } from '../../ui/Feedback';
import { count } from '../../ui/format';

interface Props {
  message: Message;
  delivery: Delivery;
  onChange: () => void;
}

/** What an operator may do with a delivery that has failed. What waits behind its ordering key can't be hurried. */
export function DeliveryActions({ message, delivery, onChange }: Props) {
  const [isAsking, setAsking] = useState(false);
  const retrying = useAction();
  const discarding = useAction();
  const isDead = delivery.state === 'dead_lettered';
  const isParked = delivery.state === 'parked' && delivery.due_at !== null && delivery.reason !== 'in flight';

  // An error of what can no longer be done has been overtaken by events.
  if (!isDead && !isParked) {
    return null;
  }

  const retry = () => retrying.run(async () => {
    await post(`/messages/${message.id}/deliveries/${delivery.publisher_id}/retry`);
    onChange();
  });
  const discard = () => discarding.run(async () => {
    await post(`/dead_letters/${delivery.publisher_id}-${message.position}/discard`);
    setAsking(false);
    onChange();
  });
  return (
    <>
      <Problem error={retrying.error} />
      <div class="actions">
        <button type="button" disabled={retrying.isBusy} onClick={() => void retry()}>{isDead ? 'Retry' : 'Retry now'}</button>
        {isDead && <button type="button" class="danger" onClick={() => { discarding.clear(); setAsking(true); }}>Discard</button>}
      </div>
      {isAsking && (
        <Confirm
          title="Discard the dead letter"
          action="Discard 1 dead letter"
          isDangerous
          isBusy={discarding.isBusy}
          error={discarding.error}
          onConfirm={() => void discard()}
          onClose={() => setAsking(false)}
        >
          <p>
            This message will not be sent to <strong>{delivery.target}</strong> any more, after {count(delivery.attempts, 'attempt')}. The message stays in
            the topic, and a replay of the publisher can still send it.
          </p>
        </Confirm>
      )}
    </>
  );
}
