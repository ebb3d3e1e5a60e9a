import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trainingRunsStart, type StartTrainingRun } from '@sparserec/client';
import { ask, client, wordsOf } from '../../api/ask.js';
import { useMay } from '../../api/queries.js';
import { Tick } from '../../ui/forms/tick.js';
import { Panel } from '../../ui/panel.js';
import { KINDS, parametersOf, type Kind } from './kinds.js';

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
  const [kind, setKind] = useState<Kind>('ease');
  const [typed, setTyped] = useState('');
  const [activate, setActivate] = useState(true);
  const [leaderboard, setLeaderboard] = useState(false);
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: (body: StartTrainingRun) => ask(trainingRunsStart({ client, path: { catalog }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs', catalog] }),
  });
  const parameters = parametersOf(typed);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (parameters) start.mutate({ model: kind, parameters, activate, leaderboard });
      }}
    >
      <label className="field">
        <span>Kind of model</span>
        <select value={kind} onChange={({ target }) => setKind(target.value as Kind)}>
          {Object.keys(KINDS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <p className="note">{KINDS[kind]}</p>
      <label className="field">
        <span>Parameters as JSON; those of the kind where it is empty</span>
        <textarea
          rows={2}
          spellCheck={false}
          placeholder={'{"regularization": 300}'}
          value={typed}
          aria-invalid={parameters === null}
          aria-describedby="start-error"
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
      <Tick label="Serve it as soon as it is ready" value={activate} onChange={setActivate} />
      <Tick
        label="Compare it with all other kinds, which takes longer"
        value={leaderboard}
        onChange={setLeaderboard}
      />
      <p id="start-error" className="error" role="alert">
        {parameters === null ? 'The parameters are no JSON object.' : start.error && wordsOf(start.error)}
      </p>
      <button type="submit" className="button button-main" disabled={start.isPending || parameters === null}>
        Start
      </button>
    </form>
  );
}
