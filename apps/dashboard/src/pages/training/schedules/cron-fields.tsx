import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId } from 'react';
import { scheduleTicksList } from '@sparserec/client';
import { ask, client, Refused } from '../../../api/ask.js';
import { dateTimeIn } from '../../../ui/format.js';
import { USUAL, wordsOfCron } from './cron-words.js';

interface When {
  readonly cron: string;
  readonly timeZone: string;
}

interface CronFieldsProps extends When {
  readonly onChange: (part: Partial<When>) => void;
}

/** When a schedule ticks: as an expression, in words, and as the next times by the clock of its zone. */
export function CronFields({ cron, timeZone, onChange }: CronFieldsProps) {
  const id = useId();
  const ticks = useTicks({ cron: useDeferredValue(cron), timeZone: useDeferredValue(timeZone) });
  return (
    <>
      <label className="field">
        <span>When</span>
        <select value={cron} onChange={({ target }) => onChange({ cron: target.value })}>
          {!USUAL.some((usual) => usual === cron) && <option value={cron}>as written below</option>}
          {USUAL.map((usual) => (
            <option key={usual} value={usual}>
              {wordsOfCron(usual)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>As a cron expression</span>
        <input
          required
          spellCheck={false}
          value={cron}
          aria-invalid={ticks.isError}
          aria-describedby={id}
          onChange={({ target }) => onChange({ cron: target.value })}
        />
      </label>
      <label className="field">
        <span>Time zone</span>
        <input
          required
          list={`${id}zones`}
          spellCheck={false}
          value={timeZone}
          onChange={({ target }) => onChange({ timeZone: target.value })}
        />
        <datalist id={`${id}zones`}>
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </label>
      <div id={id} role="status">
        {ticks.error ? (
          <p className="error">{faultOf(ticks.error)}</p>
        ) : (
          <Ticks ticks={ticks.data?.ticks} timeZone={timeZone} />
        )}
      </div>
    </>
  );
}

function useTicks({ cron, timeZone }: When) {
  return useQuery({
    queryKey: ['ticks', cron, timeZone],
    queryFn: ({ signal }) => ask(scheduleTicksList({ client, signal, query: { cron, timeZone } })),
    enabled: cron.trim() !== '' && timeZone.trim() !== '',
    placeholderData: () => undefined,
  });
}

function faultOf(error: Error): string {
  if (!(error instanceof Refused)) return error.message;
  return error.fields.map(({ pointer, detail }) => `${pointer.replace('#/', '')} ${detail}`).join('; ');
}

function Ticks({ ticks, timeZone }: { readonly ticks: string[] | undefined; readonly timeZone: string }) {
  if (!ticks) return <p className="note">…</p>;
  if (ticks.length === 0) return <p className="error">It never ticks.</p>;
  return <p className="note">Next: {ticks.map((tick) => dateTimeIn(tick, timeZone)).join(' · ')}</p>;
}
