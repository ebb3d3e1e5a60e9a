import { useQueryClient } from '@tanstack/react-query';
import { modelsActivate, type Model } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { dateTime, score } from '../../ui/format.js';
import { Confirm } from '../../ui/forms/confirm.js';
import { MAIN_METRIC, nameOf } from '../../ui/metrics.js';

interface ActivateProps {
  readonly catalog: string;
  readonly model: Model;
  readonly active: Model | undefined;
}

/** Serves another model, once somebody has read what that changes. */
export function Activate({ catalog, model, active }: ActivateProps) {
  const may = useMay('train', catalog);
  const queries = useQueryClient();
  if (!may) return null;
  const before = active ? `, in place of ${active.kind} of ${dateTime(active.createdAt)}` : '';
  return (
    <Confirm
      action="Activate"
      title="Serve this model?"
      words={`From the next call on, all lists of the catalog “${catalog}” come from ${model.kind} of ${dateTime(model.createdAt)}${before}. ${figuresOf(model, active)} Nothing is deleted: you can go back the same way.`}
      run={async () => {
        await ask(modelsActivate({ client, path: { catalog, id: model.id } }));
        await queries.invalidateQueries({ queryKey: ['models', catalog] });
      }}
    />
  );
}

/** What becomes of the figure that most people look at. */
function figuresOf(model: Model, active: Model | undefined): string {
  const [old, next] = [active?.metrics[MAIN_METRIC], model.metrics[MAIN_METRIC]];
  if (!old || !next) return '';
  return `${nameOf(MAIN_METRIC)} was ${score(old.mean)} when that one was trained, and ${score(next.mean)} when this one was.`;
}
