import { useRuns } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { StartForm } from './forms/start-form.js';
import { RunItem } from './runs/run-item.js';
import { Schedules } from './schedules/schedules.js';

/** Training runs as they go, a form that starts one, and the schedules that start others. */
export default function Training({ catalog }: PageProps) {
  const runs = useRuns(catalog);
  return (
    <div className="grid">
      <StartForm catalog={catalog} />
      <Schedules catalog={catalog} />
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
