import type { Schedule } from '@sparserec/client';
import { ago, dateTime } from '../../ui/format.js';
import { useNow } from '../../ui/use-now.js';

/** A schedule with its next tick, in words and by the clock of its zone. */
export function ScheduleItem({ schedule }: { readonly schedule: Schedule }) {
  const now = useNow();
  const { name, cron, timeZone, model, enabled, nextRunAt, lastOutcome, lastTickAt } = schedule;
  return (
    <li className="run">
      <div className="row run-head">
        <span className="row-main">
          <bdi>{name}</bdi>: <strong>{model}</strong>
        </span>
        <code>{cron}</code>
      </div>
      <p className="note">
        {enabled && nextRunAt !== null ? (
          <>
            Next <time dateTime={nextRunAt}>{ago(nextRunAt, now)}</time>: {inZone(nextRunAt, timeZone)}
          </>
        ) : (
          'Switched off.'
        )}
      </p>
      {lastTickAt !== null && (
        <p className="note">
          {dateTime(lastTickAt)}: {lastOutcome}
        </p>
      )}
    </li>
  );
}

function inZone(time: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return `${format.format(new Date(time))} in ${timeZone}`;
}
