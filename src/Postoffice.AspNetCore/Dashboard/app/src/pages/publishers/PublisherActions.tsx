import { useState } from 'preact/hooks';
import type { Publisher } from '../../api/types';
import { links } from '../../ui/links';
import { DeletePublisher } from './DeletePublisher';
import { PausePublisher } from './PausePublisher';
import { ReplayDialog } from './ReplayDialog';
import { TestDelivery } from './TestDelivery';

type Open = 'pause' | 'replay' | 'test' | 'delete';

/** What can be done to a publisher. */
export function PublisherActions({ publisher, onDone }: { publisher: Publisher; onDone: (text: string) => void }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const done = (text: string) => {
    close();
    onDone(text);
  };
  return (
    <>
      <button type="button" onClick={() => setOpen('pause')}>{publisher.active ? 'Pause' : 'Resume'}</button>
      <button type="button" onClick={() => setOpen('test')}>Send a test delivery</button>
      <button type="button" onClick={() => setOpen('replay')} disabled={publisher.replay !== undefined} title={publisher.replay && 'One replay at a time: wait until it has ended, or end it.'}>Replay</button>
      <a class="button" href={links.editPublisher(publisher.id)}>Edit</a>
      <button type="button" class="danger" onClick={() => setOpen('delete')}>Delete</button>
      {open === 'pause' && <PausePublisher publisher={publisher} onDone={done} onClose={close} />}
      {open === 'test' && <TestDelivery publisher={publisher} onClose={close} />}
      {open === 'replay' && <ReplayDialog publisher={publisher} onDone={done} onClose={close} />}
      {open === 'delete' && <DeletePublisher publisher={publisher} onClose={close} />}
    </>
  );
}
