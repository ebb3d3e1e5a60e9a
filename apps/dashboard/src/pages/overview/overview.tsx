import {
  useActivity,
  useCatalogs,
  useModels,
  useRates,
  useRuns,
  useSchedules,
  useUsage,
} from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import type { PageProps } from '../../app/page-list.js';
import { ActivityChart } from '../../ui/activity.js';
import { Figure } from '../../ui/figure.js';
import { short } from '../../ui/format.js';
import { Age, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';
import { ActiveModel } from './active-model.js';
import { mattersOf } from './attention.js';
import { FirstSteps } from './first-steps.js';
import { ImportFile } from './import-file.js';
import { ServicePanel } from './service-panel.js';
import { Work } from './work.js';

/** What there is, what runs, and what needs attention. */
export default function Overview({ catalog }: PageProps) {
  const usage = useUsage(catalog);
  const models = useModels(catalog);
  const isEmpty = usage.data?.counts.interactions === 0;
  const isUntrained = models.data?.items.length === 0;
  return (
    <div className="grid">
      {(isEmpty || isUntrained) && <FirstSteps catalog={catalog} isEmpty={isEmpty} />}
      <Attention catalog={catalog} />
      <Counts catalog={catalog} />
      <ActiveModel catalog={catalog} />
      <ServicePanel />
      <Work catalog={catalog} />
    </div>
  );
}

function Attention({ catalog }: PageProps) {
  const [models, runs, schedules] = [useModels(catalog), useRuns(catalog), useSchedules(catalog)];
  const [usage, rates, activity] = [useUsage(catalog), useRates(), useActivity(catalog)];
  const now = useNow();
  const matters = mattersOf({
    models: models.data?.items ?? [],
    runs: runs.data?.items ?? [],
    schedules: schedules.data?.items ?? [],
    interactions: models.isSuccess ? (usage.data?.counts.interactions ?? null) : null,
    days: activity.data?.days ?? [],
    queues: rates.data?.latest.queues ?? [],
    now,
  });
  if (matters.length === 0) return null;
  return (
    <Panel title="Needs attention" className="wide attention">
      <ul>
        {matters.map(({ text, page }) => (
          <li key={text}>
            <PageLink catalog={catalog} page={page}>
              <bdi>{text}</bdi>
            </PageLink>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Counts({ catalog }: PageProps) {
  const catalogs = useCatalogs();
  const usage = useUsage(catalog);
  const activity = useActivity(catalog);
  const found = catalogs.data?.items.find(({ id }) => id === catalog);
  return (
    <Panel title="Data" asked={catalogs} className="wide">
      <dl className="figures">
        <Figure
          label="Users"
          value={found ? short(found.userCount) : '—'}
          meaning="People with at least one stored interaction, by the ids that interactions came with."
        />
        <Figure
          label="Items"
          value={found ? short(found.itemCount) : '—'}
          meaning="Items of the catalog: those that were put, and those that an interaction named first."
        />
        <Figure
          label="Interactions"
          value={usage.data ? short(usage.data.counts.interactions) : '—'}
          meaning="Stored interactions. Counted anew once a minute, since it takes the service a while."
          note={<Age asked={usage} />}
        />
      </dl>
      {activity.data && <ActivityChart activity={activity.data} />}
      <Age asked={activity} />
      {usage.data !== undefined && usage.data.counts.interactions > 0 && (
        <details className="fold">
          <summary>Import a file</summary>
          <ImportFile catalog={catalog} />
        </details>
      )}
    </Panel>
  );
}
