import { useMay, useSchedules } from '../../../api/queries.js';
import { Loaded, Panel } from '../../../ui/panel.js';
import { ScheduleForm } from './schedule-form.js';
import { ScheduleItem } from './schedule-item.js';

/** What trains by itself and when, and a form that makes it so. */
export function Schedules({ catalog }: { readonly catalog: string }) {
  const schedules = useSchedules(catalog);
  const may = useMay('train', catalog);
  return (
    <Panel title="Schedules" asked={schedules}>
      <Loaded asked={schedules}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="note">
              None. A schedule trains again by itself, for instance every night, and only if there are new
              interactions.
            </p>
          ) : (
            <ul className="rows">
              {items.map((schedule) => (
                <ScheduleItem key={schedule.name} catalog={catalog} schedule={schedule} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {may && (
        <details className="fold">
          <summary>Make a schedule</summary>
          <ScheduleForm catalog={catalog} schedule={null} />
        </details>
      )}
    </Panel>
  );
}
