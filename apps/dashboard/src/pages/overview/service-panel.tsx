import { lazy, Suspense } from 'react';
import { useHealth, useMay, useProcesses, useRates } from '../../api/queries.js';
import type { Rates } from '../../api/rates.js';
import { Figure } from '../../ui/figure.js';
import { milliseconds, rate } from '../../ui/format.js';
import { Age, Loaded, Panel } from '../../ui/panel.js';

const LoadChart = lazy(() => import('./load-chart.js'));
const OF_PROCESS = 'Of the process that answers this page, since the last look.';

/** What the service is asked, how fast it answers, and whether what it needs is there. */
export function ServicePanel() {
  const rates = useRates();
  const may = useMay('metrics', null);
  return (
    <Panel title="Service" asked={may ? rates : undefined}>
      <Parts />
      {may ? (
        <Loaded asked={rates}>{(data) => <Load rates={data} />}</Loaded>
      ) : (
        <p className="note">A key with the scope “metrics” for all catalogs shows how much it is asked.</p>
      )}
    </Panel>
  );
}

function Load({ rates: { rates } }: { readonly rates: Rates }) {
  const last = rates.at(-1);
  return (
    <>
      <dl className="figures">
        <Figure
          label="Calls a second"
          value={last ? rate(last.callsPerSecond) : '—'}
          meaning={`Calls of the API, those of this page among them. ${OF_PROCESS}`}
        />
        <Figure
          label="Lists a second"
          value={last ? rate(last.listsPerSecond) : '—'}
          meaning={`Recommendation lists that were answered. ${OF_PROCESS}`}
        />
        <Figure
          label="Median"
          value={last?.p50Ms == null ? '—' : milliseconds(last.p50Ms)}
          meaning={`Half of the lists took at most this long within the service. ${OF_PROCESS}`}
        />
        <Figure
          label="p99"
          value={last?.p99Ms == null ? '—' : milliseconds(last.p99Ms)}
          meaning={`99 of 100 lists took at most this long within the service. ${OF_PROCESS}`}
        />
      </dl>
      <Suspense fallback={<div className="chart" />}>
        <LoadChart rates={rates} />
      </Suspense>
    </>
  );
}

/** Seldom: with what else this page asks that is less than two requests a second. */
const PROCESSES_MS = 30_000;

function Workers() {
  const processes = useProcesses(PROCESSES_MS);
  if (!processes.data) return null;
  const workers = processes.data.processes.filter(({ name }) => name === 'worker').length;
  return (
    <Figure
      label="Workers"
      meaning="Processes that train and make lists of jobs. Without one runs and schedules wait."
      value={<span className={`state ${workers > 0 ? 'state-good' : ''}`}>{workers}</span>}
      note={<Age asked={processes} />}
    />
  );
}

const GOOD = ['ok', 'listening'];

function Parts() {
  const { data, error } = useHealth();
  const parts = [
    [
      'PostgreSQL',
      error ? 'not known' : data?.database,
      'It has all data. Nothing is stored while it is away.',
    ],
    [
      'Redis',
      error ? 'not known' : data?.redis,
      'It has caches and queues, and may be away: answers then come from PostgreSQL.',
    ],
    [
      'Changes',
      error ? 'not known' : data?.changeFeed,
      'How processes hear of changes: at once by PostgreSQL (listening), or once a second (polling).',
    ],
  ] as const;
  return (
    <dl className="figures states">
      {parts.map(([name, state, meaning]) => (
        <Figure
          key={name}
          label={name}
          meaning={meaning}
          value={
            <span className={`state ${GOOD.includes(state ?? '') ? 'state-good' : ''}`}>{state ?? '—'}</span>
          }
        />
      ))}
      <Workers />
    </dl>
  );
}
