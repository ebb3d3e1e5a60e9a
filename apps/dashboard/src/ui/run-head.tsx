import type { ReactNode } from 'react';
import type { TrainingRun } from '@sparserec/client';
import { ago, dateTime, duration } from './format.js';
import { RunState } from './run-state.js';
import { useNow } from './use-now.js';

interface RunHeadProps {
  readonly run: TrainingRun;
  readonly children?: ReactNode;
}

/** What a run trains, how far it is, since when, and how long it has taken. */
export function RunHead({ run, children }: RunHeadProps) {
  const now = useNow();
  const { startedAt, finishedAt, createdAt, scheduleName } = run;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return (
    <div className="row run-head">
      <span className="row-main">
        <strong>{run.model}</strong>
        {scheduleName !== null && (
          <>
            {' by '}
            <bdi>{scheduleName}</bdi>
          </>
        )}
      </span>
      <RunState run={run} />
      <span className="row-note">
        <time dateTime={createdAt} title={dateTime(createdAt)}>
          {ago(createdAt, now)}
        </time>
        {startedAt !== null &&
          `, ${finishedAt === null ? 'for' : 'took'} ${duration(end - Date.parse(startedAt))}`}
      </span>
      {children}
    </div>
  );
}
