import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiError } from '../api/client';
import { Problem } from './Feedback';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A dialog in front of the page; Escape closes it, and the focus returns to where it was. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();

    // Taken away while it is open, it would leave the focus nowhere.
    return () => {
      dialog?.close();
      (before as HTMLElement | null)?.focus();
    };
  }, []);

  return (
    <dialog ref={element} class="dialog" aria-label={title} onClose={event => event.currentTarget.isConnected && onClose()}>
      <header class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => element.current?.close()}>✕</button>
      </header>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  /** What the button does, in its own words: "Delete publisher 3". */
  action: string;
  isDangerous?: boolean;
  isBusy: boolean;
  error: ApiError | undefined;
  onConfirm: () => void;
  onClose: () => void;
  /** What will happen. */
  children: ComponentChildren;
}

/** Says what will happen, and asks. */
export function Confirm({ title, action, isDangerous, isBusy, error, onConfirm, onClose, children }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="dialog-body" onSubmit={event => { event.preventDefault(); onConfirm(); }}>
        {children}
        <Problem error={error} />
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>{action}</button>
        </div>
      </form>
    </Dialog>
  );
}
