import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trainingRunsStart, type StartTrainingRun } from '@sparserec/client';
import { ask, client, wordsOf } from '../../../api/ask.js';
import { useMay } from '../../../api/queries.js';
import { Tick } from '../../../ui/forms/tick.js';
import { Panel } from '../../../ui/panel.js';
import { Estimate } from './estimate.js';
import { KindFields } from './kind-fields.js';
import { useKind } from './use-kind.js';

/** Starts a training run. Whoever chooses nothing gets a good model. */
export function StartForm({ catalog }: { readonly catalog: string }) {
  const may = useMay('train', catalog);
  return (
    <Panel title="Start a run">
      {may ? (
        <Form catalog={catalog} />
      ) : (
        <p className="note">A key with the scope “train” for this catalog may start runs.</p>
      )}
    </Panel>
  );
}

function Form({ catalog }: { readonly catalog: string }) {
  const { fields, kind, parameters } = useKind('ease');
  const [activate, setActivate] = useState(true);
  const [leaderboard, setLeaderboard] = useState(false);
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: (body: StartTrainingRun) => ask(trainingRunsStart({ client, path: { catalog }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs', catalog] }),
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (parameters) start.mutate({ model: kind, parameters, activate, leaderboard });
      }}
    >
      <KindFields {...fields} />
      {parameters && <Estimate catalog={catalog} kind={kind} parameters={parameters} />}
      <Tick label="Serve it as soon as it is ready" value={activate} onChange={setActivate} />
      <Tick
        label="Compare it with all other kinds, which takes longer"
        value={leaderboard}
        onChange={setLeaderboard}
      />
      <p className="error" role="alert">
        {start.error && wordsOf(start.error)}
      </p>
      <button type="submit" className="button button-main" disabled={start.isPending || parameters === null}>
        Start
      </button>
    </form>
  );
}
