import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { schedulesPut, type Schedule, type ScheduleFields } from '@sparserec/client';
import { ask, ChangedMeanwhile, client, wordsOf } from '../../../api/ask.js';
import { Tick } from '../../../ui/forms/tick.js';
import { KindFields } from '../forms/kind-fields.js';
import { isKind } from '../forms/kinds.js';
import { useKind } from '../forms/use-kind.js';
import { CronFields } from './cron-fields.js';
import { draftOf, gateOf, type Draft } from './schedule-draft.js';

interface FormProps {
  readonly catalog: string;
  /** Null: a new one. */
  readonly schedule: Schedule | null;
}

/** Makes or changes a schedule. Where somebody else has changed it meanwhile, it begins again with that. */
export function ScheduleForm({ catalog, schedule }: FormProps) {
  const [round, setRound] = useState(0);
  return (
    <Form key={round} {...{ catalog, schedule, isAgain: round > 0 }} onConflict={() => setRound(round + 1)} />
  );
}

interface RoundProps extends FormProps {
  /** Whether somebody else has changed it while the form was filled in before. */
  readonly isAgain: boolean;
  readonly onConflict: () => void;
}

function Form({ catalog, schedule, isAgain, onConflict }: RoundProps) {
  const [base, setBase] = useState(schedule);
  const [draft, setDraft] = useState(draftOf(base));
  const first = base && isKind(base.model) ? base.model : 'ease';
  const { fields, kind, parameters } = useKind(first, base?.parameters);
  const put = usePut({ catalog, schedule: base }, draft.name, { onStored: setBase, onConflict });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const { cron, timeZone, enabled, missed } = draft;
        const gate = gateOf(draft, base?.gate?.metric) as NonNullable<ScheduleFields['gate']>;
        if (parameters) put.mutate({ model: kind, parameters, cron, timeZone, enabled, missed, gate });
      }}
    >
      {schedule === null && (
        <label className="field">
          <span>Name</span>
          <input
            required
            maxLength={63}
            placeholder="nightly"
            value={draft.name}
            onChange={({ target }) => change({ name: target.value })}
          />
        </label>
      )}
      <CronFields cron={draft.cron} timeZone={draft.timeZone} onChange={change} />
      <KindFields {...fields} />
      <GateFields draft={draft} onChange={change} />
      <Tick
        label="After a time without workers, train once for what was missed"
        value={draft.missed === 'run-once'}
        onChange={(isOnce) => change({ missed: isOnce ? 'run-once' : 'skip' })}
      />
      <Tick label="Switched on" value={draft.enabled} onChange={(enabled) => change({ enabled })} />
      <p className="note" role="status">
        {put.isSuccess && 'Stored.'}
      </p>
      <p className="error" role="alert">
        {put.error ? wordsOf(put.error) : isAgain && !put.isSuccess && new ChangedMeanwhile().message}
      </p>
      <button type="submit" className="button button-main" disabled={put.isPending || parameters === null}>
        {schedule === null ? 'Make it' : 'Save'}
      </button>
    </form>
  );
}

interface Outcome {
  readonly onStored: (stored: Schedule) => void;
  readonly onConflict: () => void;
}

function usePut({ catalog, schedule }: FormProps, name: string, { onStored, onConflict }: Outcome) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ScheduleFields) => {
      const call = { client, path: { catalog, name }, body };
      if (schedule) return ask(schedulesPut({ ...call, headers: { 'If-Match': schedule.etag } }));
      return ask(schedulesPut({ ...call, headers: { 'If-None-Match': '*' } })).catch((error: unknown) => {
        if (!(error instanceof ChangedMeanwhile)) throw error;
        throw new Error('There is a schedule of this name; change that one');
      });
    },
    onSuccess: (put) => {
      if (schedule !== null) onStored(put);
    },
    onSettled: async (_put, error) => {
      await queries.invalidateQueries({ queryKey: ['schedules', catalog] });
      if (error instanceof ChangedMeanwhile) onConflict();
    },
  });
}

interface GateProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
}

/** Which of the new models are served. */
function GateFields({ draft: { leastPercent, mustBeBest }, onChange }: GateProps) {
  return (
    <>
      <label className="field">
        <span>Serve a new model only with at least so many percent of the NDCG@20 of the active one</span>
        <input
          type="number"
          min={0}
          max={1_000}
          step="any"
          placeholder="any"
          value={leastPercent}
          onChange={({ target }) => onChange({ leastPercent: target.value })}
        />
      </label>
      <Tick
        label="Serve it only if no other kind is better, which compares all kinds in each run"
        value={mustBeBest}
        onChange={(isBest) => onChange({ mustBeBest: isBest })}
      />
    </>
  );
}
