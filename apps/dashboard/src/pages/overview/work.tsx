import type { Schedule } from '@sparserec/client';
import { useRuns, useSchedules } from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import { ago, dateTime } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { RunHead } from '../../ui/run-head.js';
import { useNow } from '../../ui/use-now.js';

const MOST = 5;

/** Training runs of late, and when schedules start the next ones. */
export function Work({ catalog }: { readonly catalog: string }) {
  const runs = useRuns(catalog);
  const schedules = useSchedules(catalog);
  const now = useNow();
  const training = (
    <PageLink catalog={catalog} page="training">
      Training
    </PageLink>
  );
  return (
    <>
      <Panel title="Runs" asked={runs} aside={training}>
        <Loaded asked={runs}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="note">Nothing was trained yet.</p>
            ) : (
              <ul className="rows">
                {items.slice(0, MOST).map((run) => (
                  <li key={run.id} className="run">
                    <RunHead run={run} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      <Panel title="Schedules" asked={schedules}>
        <Loaded asked={schedules}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="note">None. A schedule trains again by itself, for instance every night.</p>
            ) : (
              <ul className="rows">
                {items.slice(0, MOST).map((schedule) => (
                  <ScheduleRow key={schedule.name} schedule={schedule} now={now} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function ScheduleRow({ schedule, now }: { readonly schedule: Schedule; readonly now: number }) {
  const { name, model, enabled, nextRunAt, lastOutcome } = schedule;
  return (
    <li className="row">
      <span className="row-main">
        <bdi>{name}</bdi>: <strong>{model}</strong>
      </span>
      <span>
        {enabled && nextRunAt !== null ? (
          <time dateTime={nextRunAt} title={dateTime(nextRunAt)}>
            {ago(nextRunAt, now)}
          </time>
        ) : (
          'switched off'
        )}
      </span>
      <span className="row-note">{lastOutcome ?? 'has not run yet'}</span>
    </li>
  );
}
