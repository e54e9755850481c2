import { useState } from 'preact/hooks';
import { remove } from '../../api/client';
import { config } from '../../api/config';
import type { Publisher, Replay } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { number } from '../../ui/format';
import { Section } from '../../ui/Page';
import { Time } from '../../ui/Time';

interface Props {
  publisher: Publisher;
  replay: Replay;
  onDone: (text: string) => void;
}

/** A replay that is under way: how far it is, and how to end it. */
export function ReplayProgress({ publisher, replay, onDone }: Props) {
  const [isAsking, setAsking] = useState(false);
  const action = useAction();
  const left = Math.max(0, replay.until - replay.position + 1);
  const cancel = () => void action.run(async () => {
    await remove(`/publishers/${publisher.id}/replay`);
    setAsking(false);
    onDone('The replay has been ended; what was in flight is finished.');
  });

  return (
    <Section title="Replay under way" actions={!config.read_only && <button type="button" onClick={() => setAsking(true)}>End the replay</button>}>
      <div class="card">
        <p>
          It sends {replay.only_failed ? 'dead letters' : 'messages'} once more, next position {number(replay.position)} of {number(replay.until)}, {number(left)} left at most; asked for <Time at={replay.requested_at} />.
          {!publisher.active && ' The publisher is paused: the replay goes on when it is resumed.'}
        </p>
      </div>
      {isAsking && (
        <Confirm title="End the replay" action="End the replay" isBusy={action.isBusy} error={action.error} onConfirm={cancel} onClose={() => setAsking(false)}>
          <p>What is in flight is finished; the other positions up to {number(replay.until)}, {number(left)} at most, are not sent again. It cannot be taken up where it stopped, but a new one can start at position {number(replay.position)}.</p>
        </Confirm>
      )}
    </Section>
  );
}
