import { useModels } from '../../api/queries.js';
import { PageLink } from '../../app/page-link.js';
import { ago, bytes, count, dateTime } from '../../ui/format.js';
import { Intervals } from '../../ui/intervals.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';

const SHOWN = ['ndcg@20', 'recall@20'];

/** The model that makes the lists, beside the popularity that it has to beat. */
export function ActiveModel({ catalog }: { readonly catalog: string }) {
  const models = useModels(catalog);
  const now = useNow();
  return (
    <Panel
      title="Active model"
      asked={models}
      aside={
        <PageLink catalog={catalog} page="models">
          All models
        </PageLink>
      }
    >
      <Loaded asked={models}>
        {({ items }) => {
          const active = items.find(({ status }) => status === 'active');
          if (!active) return <p className="note">None. Lists show what is popular until there is one.</p>;
          const metrics = SHOWN.filter((name) => active.metrics[name] && active.baseline[name]);
          return (
            <>
              <p className="lead">
                <strong>{active.kind}</strong>, trained{' '}
                <time dateTime={active.createdAt} title={dateTime(active.createdAt)}>
                  {ago(active.createdAt, now)}
                </time>{' '}
                on {count(active.numInteractions, 'interaction')}, {bytes(active.artifactBytes)}
              </p>
              {metrics.map((name) => (
                <Intervals
                  key={name}
                  metric={name}
                  rows={[
                    { name: active.kind, value: active.metrics[name]! },
                    { name: 'popularity', value: active.baseline[name]! },
                  ]}
                />
              ))}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
