import { Dialog } from '@base-ui/react/dialog';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { modelsActivate, type Model } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { dateTime, score } from '../../ui/format.js';
import { MAIN_METRIC, nameOf } from '../../ui/metrics.js';

interface ActivateProps {
  readonly catalog: string;
  readonly model: Model;
  readonly active: Model | undefined;
}

/** Serves another model, once somebody has read what that changes. */
export function Activate({ catalog, model, active }: ActivateProps) {
  const [isOpen, setOpen] = useState(false);
  const may = useMay('train', catalog);
  const queries = useQueryClient();
  const activate = useMutation({
    mutationFn: () => ask(modelsActivate({ client, path: { catalog, id: model.id } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['models', catalog] });
      setOpen(false);
    },
  });
  if (!may) return null;
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className="button button-small">Activate</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title className="dialog-title">Serve this model?</Dialog.Title>
          <Dialog.Description>
            From the next call on, all lists of the catalog “{catalog}” come from {model.kind} of{' '}
            {dateTime(model.createdAt)}
            {active && `, in place of ${active.kind} of ${dateTime(active.createdAt)}`}.{' '}
            {figuresOf(model, active)} Nothing is deleted: you can go back the same way.
          </Dialog.Description>
          {activate.error && (
            <p className="error" role="alert">
              {wordsOf(activate.error)}
            </p>
          )}
          <div className="actions">
            <button
              type="button"
              className="button button-main"
              disabled={activate.isPending}
              onClick={() => activate.mutate()}
            >
              Activate
            </button>
            <Dialog.Close className="button">Leave it</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What becomes of the figure that most people look at. */
function figuresOf(model: Model, active: Model | undefined): string {
  const [old, next] = [active?.metrics[MAIN_METRIC], model.metrics[MAIN_METRIC]];
  if (!old || !next) return '';
  return `${nameOf(MAIN_METRIC)} was ${score(old.mean)} when that one was trained, and ${score(next.mean)} when this one was.`;
}
