import { useLocation } from 'preact-iso/router';
import { remove } from '../../api/client';
import type { Publisher } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { count, number } from '../../ui/format';
import { links } from '../../ui/links';

/** Deletes a publisher, and says what is lost. */
export function DeletePublisher({ publisher, onClose }: { publisher: Publisher; onClose: () => void }) {
  const { route } = useLocation();
  const action = useAction();
  const { id, target, topic, lag, parked, dead, replay } = publisher;
  const undelivered = lag + parked;
  const run = () => void action.run(async () => {
    await remove(`/publishers/${id}`);
    route(links.publishers(topic), true);
  });

  return (
    <Confirm title={`Delete publisher ${id}`} action={`Delete publisher ${id}`} isDangerous isBusy={action.isBusy} error={action.error} onConfirm={run} onClose={onClose}>
      <p>Nothing more is sent to <strong class="target">{target}</strong>. That cannot be taken back.</p>
      <ul class="consequences">
        <li>
          {undelivered === 0 ? 'Nothing is undelivered.' : <><strong>{lag > 0 && 'Up to '}{count(undelivered, 'undelivered message')}</strong> {undelivered === 1 ? 'is' : 'are'} discarded for this publisher: {number(lag)} behind its cursor, {number(parked)} parked.</>}
        </li>
        {dead > 0 && <li><strong>{count(dead, 'dead letter')}</strong> can no longer be seen or retried.</li>}
        {replay && <li>The replay that is under way ends.</li>}
        <li>The topic <strong>{topic}</strong> keeps its messages, and its other publishers go on.</li>
      </ul>
    </Confirm>
  );
}
