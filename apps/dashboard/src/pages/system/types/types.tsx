import { useQuery } from '@tanstack/react-query';
import { interactionTypesList } from '@sparserec/client';
import { ask, client } from '../../../api/ask.js';
import { POLL_MS, useMay } from '../../../api/queries.js';
import { Loaded, Panel } from '../../../ui/panel.js';
import { wordsOfType } from './type-draft.js';
import { TypeForm } from './type-form.js';

/** More than a catalog may have. */
const MOST_TYPES = 100;

/** The kinds of events of a catalog, and what each counts. */
export function InteractionTypes({ catalog }: { readonly catalog: string }) {
  const mayRead = useMay('read', catalog);
  const mayWrite = useMay('write', catalog);
  const types = useQuery({
    queryKey: ['interaction-types', catalog],
    queryFn: () => ask(interactionTypesList({ client, path: { catalog }, query: { limit: MOST_TYPES } })),
    refetchInterval: POLL_MS,
    enabled: mayRead,
  });
  if (!mayRead) return null;
  return (
    <Panel title="Interaction types" asked={types}>
      <Loaded asked={types}>
        {({ items }) => (
          <ul className="rows">
            {items.map((type) => (
              <li key={type.name} className="run">
                <strong>
                  <bdi>{type.name}</bdi>
                </strong>
                <p className="note">{wordsOfType(type)}.</p>
                {mayWrite && (
                  <details className="fold">
                    <summary>Change</summary>
                    <TypeForm catalog={catalog} type={type} />
                  </details>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
