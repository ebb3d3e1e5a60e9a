import { Dialog } from '@base-ui/react/dialog';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { wordsOf } from '../../api/ask.js';

interface ConfirmProps {
  readonly action: string;
  readonly title: string;
  /** What it changes. */
  readonly words: ReactNode;
  readonly run: () => Promise<unknown>;
  /** What can be chosen before. */
  readonly children?: ReactNode;
}

/** A button that says what it changes before it does it. */
export function Confirm({ action, title, words, run, children }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const act = useMutation({ mutationFn: run, onSuccess: () => setOpen(false) });
  const open = (next: boolean) => {
    if (next) act.reset();
    setOpen(next);
  };
  return (
    <Dialog.Root open={isOpen} onOpenChange={open}>
      <Dialog.Trigger className="button button-small">{action}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title className="dialog-title">{title}</Dialog.Title>
          <Dialog.Description>{words}</Dialog.Description>
          {children}
          <p className="error" role="alert">
            {act.error && wordsOf(act.error)}
          </p>
          <div className="actions">
            <button
              type="button"
              className="button button-main"
              disabled={act.isPending}
              onClick={() => act.mutate()}
            >
              {action}
            </button>
            <Dialog.Close className="button">Leave it</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
