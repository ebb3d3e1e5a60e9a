import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { trainingEstimatesEstimate, type TrainingEstimate } from '@sparserec/client';
import { ask, client } from '../../../api/ask.js';
import { bytes, milliseconds } from '../../../ui/format.js';
import { Age } from '../../../ui/panel.js';
import type { Kind } from './kinds.js';
import type { Parameters } from './parameters.js';

const FRESH_MS = 60_000;

interface EstimateProps {
  readonly catalog: string;
  readonly kind: Kind;
  readonly parameters: Parameters;
}

/** What a run would take, before it starts. */
export function Estimate({ catalog, kind, parameters }: EstimateProps) {
  const body = useDeferredValue(JSON.stringify({ model: kind, parameters }));
  const asked = useQuery({
    queryKey: ['estimate', catalog, body],
    queryFn: ({ signal }) =>
      ask(
        trainingEstimatesEstimate({
          ...{ client, signal, path: { catalog } },
          body: JSON.parse(body) as { readonly model: Kind; readonly parameters: Parameters },
        }),
      ),
    staleTime: FRESH_MS,
  });
  const { data } = asked;
  if (!data || data.numInteractions === 0) return null;
  const isTooLarge = data.bytes > data.budgetBytes;
  return (
    <div role="status">
      <p className="note">
        It takes about {milliseconds(data.seconds * 1_000)}, {BASES[data.basis]}, and {bytes(data.bytes)} of
        memory of the {bytes(data.budgetBytes)} that a run may take. <Age asked={asked} />
      </p>
      {isTooLarge && <p className="note note-bad">A worker of this setting refuses it before it starts.</p>}
    </div>
  );
}

const BASES: Readonly<Record<TrainingEstimate['basis'], string>> = {
  'same-kind': 'as the last run of this kind says',
  'other-kind': 'as a run of another kind says',
  assumed: 'if this machine is a usual one',
};
