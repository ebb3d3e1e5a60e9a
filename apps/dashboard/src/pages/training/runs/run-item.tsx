import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { trainingRunsCancel, type TrainingRun } from '@sparserec/client';
import { ask, client, wordsOf } from '../../../api/ask.js';
import { epochsOf, isGoing, useFollowed, type Epoch } from '../../../api/followed-runs.js';
import { noteRun, useMay } from '../../../api/queries.js';
import { PageLink } from '../../../app/page-link.js';
import { Explained } from '../../../ui/explained.js';
import { bytes, milliseconds, percent, score } from '../../../ui/format.js';
import { RunHead } from '../../../ui/run-head.js';
import { Leaderboard } from './leaderboard.js';

const EpochCurve = lazy(() => import('./epoch-curve.js'));

interface RunProps {
  readonly catalog: string;
  readonly run: TrainingRun;
}

/** One run: how far it is, what it took, and what came of it. */
export function RunItem({ catalog, run }: RunProps) {
  const queries = useQueryClient();
  useFollowed(catalog, run, (changed) => noteRun(queries, catalog, changed));
  const curve = epochsOf(run.id);
  return (
    <li className="run">
      <RunHead run={run}>{isGoing(run) && <Cancel catalog={catalog} run={run} />}</RunHead>
      {run.error && <p className="note note-bad">{run.error.detail}</p>}
      {run.parts && isGoing(run) && <PartsState parts={run.parts} />}
      {run.epoch && <EpochState epoch={run.epoch} />}
      {curve.length > 1 && (
        <Suspense fallback={<div className="chart" />}>
          <EpochCurve epochs={curve} />
        </Suspense>
      )}
      <details className="fold">
        <summary>More of this run</summary>
        <Stages timings={run.timingsMs} />
        <Memory run={run} />
        <p className="note">
          Parameters: <code>{JSON.stringify(run.parameters)}</code>
        </p>
        {run.modelId !== null && (
          <p className="note">
            <PageLink catalog={catalog} page="models">
              Its model is among the versions.
            </PageLink>
          </p>
        )}
        {run.leaderboard && <Leaderboard catalog={catalog} rows={run.leaderboard} kind={run.model} />}
      </details>
    </li>
  );
}

function EpochState({ epoch }: { readonly epoch: Epoch }) {
  return (
    <p className="note">
      Epoch {epoch.epoch} ({epoch.phase}): loss {score(epoch.loss)}
      {epoch.validation !== null && `, validation ${score(epoch.validation)}`},{' '}
      {milliseconds(epoch.durationMs)}
    </p>
  );
}

function PartsState({ parts: { done, all } }: { readonly parts: NonNullable<TrainingRun['parts']> }) {
  return (
    <p className="note">
      <Explained meaning="All workers share the fit; each takes one part after the other.">Parts</Explained>:{' '}
      {done} of {all} done
    </p>
  );
}

function Cancel({ catalog, run }: RunProps) {
  const may = useMay('train', catalog);
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => ask(trainingRunsCancel({ client, path: { catalog, id: run.id } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs', catalog] }),
  });
  if (!may) return null;
  return (
    <>
      <button
        type="button"
        className="button button-small"
        disabled={cancel.isPending || run.cancelRequested}
        onClick={() => cancel.mutate()}
      >
        {run.cancelRequested ? 'Is being cancelled' : 'Cancel'}
      </button>
      {cancel.error && <span className="error">{wordsOf(cancel.error)}</span>}
    </>
  );
}

/** How long each stage took, as shares of the whole. */
function Stages({ timings }: { readonly timings: TrainingRun['timingsMs'] }) {
  const stages = Object.entries(timings).sort(([, a], [, b]) => b - a);
  const total = stages.reduce((sum, [, ms]) => sum + ms, 0);
  if (total === 0) return null;
  return (
    <ul className="stages">
      {stages.map(([stage, ms]) => (
        <li key={stage}>
          <span>{stage}</span>
          <span className="part-bar" aria-hidden="true">
            <span className="part-raises" style={{ width: percent(ms / total).replace(' ', '') }} />
          </span>
          <span className="part-value">{milliseconds(ms)}</span>
        </li>
      ))}
    </ul>
  );
}

function Memory({ run: { estimatedBytes, peakRssBytes } }: { readonly run: TrainingRun }) {
  if (estimatedBytes === null && peakRssBytes === null) return null;
  return (
    <p>
      <Explained meaning="Memory that the run was expected to need, and the most that its process took with everything else in it.">
        Memory
      </Explained>
      {estimatedBytes !== null && `: ${bytes(estimatedBytes)} estimated`}
      {peakRssBytes !== null && `, ${bytes(peakRssBytes)} at most`}
    </p>
  );
}
