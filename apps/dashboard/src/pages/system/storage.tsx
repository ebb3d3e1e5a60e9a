import type { UsageEntry } from '@sparserec/client';
import { useUsage } from '../../api/queries.js';
import { Explained } from '../../ui/explained.js';
import { bytes, whole } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';

const STORES: Readonly<Record<UsageEntry['store'], string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  process: 'This process',
};
const NAMES = ['postgres', 'redis', 'process'] as const;

/** How many bytes are where, the most first. */
export function Storage({ catalog }: { readonly catalog: string }) {
  const usage = useUsage(catalog);
  return (
    <Panel title="Storage" asked={usage}>
      <Loaded asked={usage}>
        {({ entries }) => (
          <>
            <p className="note">
              A full bar is the most that the counts allow; what has no bar is bounded by other things.
            </p>
            {NAMES.map((store) => (
              <Store key={store} store={store} entries={entries.filter((entry) => entry.store === store)} />
            ))}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

interface StoreProps {
  readonly store: UsageEntry['store'];
  readonly entries: readonly UsageEntry[];
}

function Store({ store, entries }: StoreProps) {
  const filled = entries.filter((entry) => entry.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  if (filled.length === 0) return null;
  return (
    <div>
      <h3>{STORES[store]}</h3>
      <ul className="stages">
        {filled.map((entry) => (
          <li key={`${entry.kind} ${entry.scope}`} className="alike">
            <Explained meaning={meaningOf(entry)}>{entry.kind}</Explained>
            <Bar bytes={entry.bytes} most={entry.atMostBytes} />
            <span className="part-value">{bytes(entry.bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface BarProps {
  readonly bytes: number;
  readonly most: number | null;
}

function Bar({ bytes, most }: BarProps) {
  if (most === null) return <span />;
  return (
    <span className="part-bar part-bar-whole" aria-hidden="true">
      <span className="part-raises" style={{ width: `${Math.min(1, bytes / Math.max(1, most)) * 100}%` }} />
    </span>
  );
}

function meaningOf({ kind, scope, count, atMostBytes }: UsageEntry): string {
  const whose = scope === 'catalog' ? 'Of this catalog' : 'Of all catalogs together';
  const number = count === null ? '' : `: ${whole(count)} of ${kind}`;
  const limit = atMostBytes === null ? '' : ` At most ${bytes(atMostBytes)}.`;
  return `${whose}${number}.${limit}`;
}
