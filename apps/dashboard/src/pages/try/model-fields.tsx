import type { Model } from '@sparserec/client';
import { useModels } from '../../api/queries.js';
import { useQueryState } from '../../app/use-route.js';
import { dateTime, score } from '../../ui/format.js';
import { MAIN_METRIC, nameOf } from '../../ui/metrics.js';
import { LETTING_GO } from './held.js';

/** Which model makes the list, and which other one makes a second list beside it. */
export function ModelFields({ catalog, model }: { readonly catalog: string; readonly model: string }) {
  const [query] = useQueryState();
  const models = useModels(catalog).data?.items ?? [];
  if (models.length === 0) return null;
  return (
    <>
      <ModelField name="model" label="Model" none="The active one" value={model} models={models} />
      <ModelField
        name="vs"
        label="Beside the list of"
        none="No other model"
        value={query.get('vs') ?? ''}
        models={models}
      />
    </>
  );
}

interface ModelFieldProps {
  readonly name: string;
  readonly label: string;
  readonly none: string;
  readonly value: string;
  readonly models: readonly Model[];
}

function ModelField({ name, label, none, value, models }: ModelFieldProps) {
  const [, change] = useQueryState();
  const isKnown = value === '' || models.some(({ id }) => id === value);
  return (
    <label className="field">
      <span>{label}</span>
      <select
        value={value}
        onChange={({ target }) => change({ [name]: target.value, ...(name === 'vs' && LETTING_GO) })}
      >
        <option value="">{none}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {models.map((model) => (
          <option key={model.id} value={model.id}>
            {nameOfModel(model)}
          </option>
        ))}
      </select>
    </label>
  );
}

function nameOfModel({ kind, createdAt, status, metrics }: Model): string {
  const figure = metrics[MAIN_METRIC];
  const parts = [
    kind,
    ...(status === 'active' ? ['active'] : []),
    dateTime(createdAt),
    ...(figure ? [`${nameOf(MAIN_METRIC)} ${score(figure.mean)}`] : []),
  ];
  return parts.join(', ');
}
