import { useQuery } from '@tanstack/react-query';
import { recommendationsSimilar } from '@sparserec/client';
import { ask, client, Refused } from '../../api/ask.js';
import { PageLink } from '../../app/page-link.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { score } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';

const NUM_SIMILAR = 10;

interface OfItem {
  readonly catalog: string;
  readonly id: string;
}

/** What is most like an item, by the active model. */
export function Similar({ catalog, id }: OfItem) {
  const similar = useQuery({
    queryKey: ['similar', catalog, id],
    queryFn: ({ signal }) => {
      const query = { k: NUM_SIMILAR, fields: 'title', preview: 'true' as const };
      return ask(recommendationsSimilar({ client, signal, path: { catalog, id }, query }));
    },
    placeholderData: () => undefined,
  });
  const isUnknown = similar.error instanceof Refused && similar.error.status === 404;
  if (isUnknown) return null;
  return (
    <Panel title="Most like it" asked={similar}>
      <Loaded asked={similar}>
        {({ items, reason }) => {
          const top = Math.max(...items.map((one) => one.score), Number.MIN_VALUE);
          return (
            <>
              <ol className="stages">
                {items.map((one) => (
                  <li key={one.itemId} className="alike">
                    <PageLink catalog={catalog} page="items" query={{ item: one.itemId }}>
                      <bdi>{one.title ?? one.itemId}</bdi>
                    </PageLink>
                    <span className="part-bar" aria-hidden="true">
                      <span className="part-raises" style={{ width: `${(one.score / top) * 100}%` }} />
                    </span>
                    <span className="part-value">{score(one.score)}</span>
                  </li>
                ))}
              </ol>
              <p>
                <SaveTable
                  name={`${catalog}-similar`}
                  columns={['itemId', 'title', 'score']}
                  rows={items.map((one) => [one.itemId, one.title ?? null, one.score])}
                />
              </p>
              {items.length === 0 && (
                <p className="note">The active model relates no item to it ({reason}).</p>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
