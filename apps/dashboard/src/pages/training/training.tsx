import { useRuns, useSchedules } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { RunItem } from './run-item.js';
import { ScheduleItem } from './schedule-item.js';
import { StartForm } from './start-form.js';

/** Training runs as they go, a form that starts one, and the schedules that start others. */
export default function Training({ catalog }: PageProps) {
  const runs = useRuns(catalog);
  const schedules = useSchedules(catalog);
  return (
    <div className="grid">
      <StartForm catalog={catalog} />
      <Panel title="Schedules" asked={schedules}>
        <Loaded asked={schedules}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="note">
                None. A schedule trains again by itself, for instance every night, and only if there are new
                interactions: <code>PUT …/schedules/nightly</code>, with an example in Swagger UI.
              </p>
            ) : (
              <ul className="rows">
                {items.map((schedule) => (
                  <ScheduleItem key={schedule.name} schedule={schedule} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      <Panel title="Runs" asked={runs} className="wide">
        <Loaded asked={runs}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="note">Nothing was trained yet.</p>
            ) : (
              <ul className="rows">
                {items.map((run) => (
                  <RunItem key={run.id} catalog={catalog} run={run} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </div>
  );
}
