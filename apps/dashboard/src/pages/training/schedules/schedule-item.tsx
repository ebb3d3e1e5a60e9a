import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { schedulesDelete, trainingRunsList, type Schedule } from '@sparserec/client';
import { ask, client } from '../../../api/ask.js';
import { POLL_MS, useMay } from '../../../api/queries.js';
import { ago, dateTime, dateTimeIn } from '../../../ui/format.js';
import { Confirm } from '../../../ui/forms/confirm.js';
import { Loaded } from '../../../ui/panel.js';
import { RunHead } from '../../../ui/run-head.js';
import { useNow } from '../../../ui/use-now.js';
import { wordsOfCron } from './cron-words.js';
import { ScheduleForm } from './schedule-form.js';

const MOST_RUNS = 50;

interface ScheduleProps {
  readonly catalog: string;
  readonly schedule: Schedule;
}

/** A schedule with its next tick, in words and by the clock of its zone, and what came of it. */
export function ScheduleItem({ catalog, schedule }: ScheduleProps) {
  const now = useNow();
  const { name, cron, timeZone, model, enabled, nextRunAt, lastOutcome, lastTickAt } = schedule;
  const may = useMay('train', catalog);
  return (
    <li className="run">
      <div className="row run-head">
        <span className="row-main">
          <bdi>{name}</bdi>: <strong>{model}</strong>
        </span>
        <span>
          {wordsOfCron(cron)} <code>{cron}</code>
        </span>
      </div>
      <p className="note">
        {enabled && nextRunAt !== null ? (
          <>
            Next <time dateTime={nextRunAt}>{ago(nextRunAt, now)}</time>: {dateTimeIn(nextRunAt, timeZone)} in{' '}
            {timeZone}
          </>
        ) : enabled ? (
          'A worker is about to work out its next tick.'
        ) : (
          'Switched off.'
        )}
      </p>
      {lastTickAt !== null && (
        <p className="note">
          {dateTime(lastTickAt)}: {lastOutcome}
        </p>
      )}
      <Outcomes catalog={catalog} name={name} />
      {may && (
        <details className="fold">
          <summary>Change</summary>
          <ScheduleForm catalog={catalog} schedule={schedule} />
          <Delete catalog={catalog} schedule={schedule} />
        </details>
      )}
    </li>
  );
}

/** Runs that the schedule has started, the newest first. They are asked for once somebody looks. */
function Outcomes({ catalog, name }: { readonly catalog: string; readonly name: string }) {
  const [isOpen, setOpen] = useState(false);
  const runs = useQuery({
    queryKey: ['runs of', catalog, name],
    queryFn: () =>
      ask(trainingRunsList({ client, path: { catalog }, query: { schedule: name, limit: MOST_RUNS } })),
    refetchInterval: POLL_MS,
    enabled: isOpen,
  });
  return (
    <details className="fold" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>What came of it</summary>
      {isOpen && (
        <Loaded asked={runs}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="note">It has started no run yet.</p>
            ) : (
              <ul className="rows">
                {items.map((run) => (
                  <li key={run.id} className="run">
                    <RunHead run={run} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      )}
    </details>
  );
}

function Delete({ catalog, schedule: { name, etag } }: ScheduleProps) {
  const queries = useQueryClient();
  return (
    <p>
      <Confirm
        action="Delete"
        title="Delete this schedule?"
        words={
          <>
            “<bdi>{name}</bdi>” starts no runs any more. A run that goes on ends as it would have, and its
            models stay.
          </>
        }
        run={async () => {
          const headers = { 'If-Match': etag };
          try {
            await ask(schedulesDelete({ client, path: { catalog, name }, headers }));
          } finally {
            await queries.invalidateQueries({ queryKey: ['schedules', catalog] });
          }
        }}
      />
    </p>
  );
}
