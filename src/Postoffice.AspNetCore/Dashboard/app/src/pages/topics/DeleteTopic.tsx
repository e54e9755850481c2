import { useLocation } from 'preact-iso/router';
import { ApiError, remove } from '../../api/client';
import type { Topic } from '../../api/types';
import { useAction } from '../../live/useAction';
import { Confirm } from '../../ui/Dialog';
import { links } from '../../ui/links';

/** Deletes a topic that nobody uses; the server looks once more. */
export function DeleteTopic({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const { route } = useLocation();
  const action = useAction();
  const run = () => void action.run(async () => {
    try {
      await remove(`/topics/${encodeURIComponent(topic.name)}`);
    } catch (error) {
      throw error instanceof ApiError && error.status === 409
        ? new ApiError(409, 'It has got a message or a publisher in the meantime, and nothing was deleted. Publishers can be deleted; a topic with messages stays until they have aged out.')
        : error;
    }

    route(links.topics(), true);
  });

  return (
    <Confirm title="Delete topic" action={`Delete ${topic.name}`} isDangerous isBusy={action.isBusy} error={action.error} onConfirm={run} onClose={onClose}>
      <p>The topic <strong>{topic.name}</strong> has neither messages nor publishers. It is removed, and whoever still publishes to it is refused.</p>
    </Confirm>
  );
}
