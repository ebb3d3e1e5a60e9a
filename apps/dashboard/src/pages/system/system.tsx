import { useMay, useRates } from '../../api/queries.js';
import type { PageProps } from '../../app/page-list.js';
import { Figure } from '../../ui/figure.js';
import { duration, whole } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { AuditLog } from './audit-log.js';
import { Keys } from './keys.js';
import { MadeKeyPanel } from './made-key.js';
import { Processes } from './processes.js';
import { Settings } from './settings.js';
import { Storage } from './storage.js';
import { InteractionTypes } from './types/types.js';

/** What the service keeps and where, who may call it, and who has changed what. */
export default function System({ catalog }: PageProps) {
  const isAdmin = useMay('admin', null);
  const mayMeasure = useMay('metrics', null);
  return (
    <div className="grid">
      <MadeKeyPanel />
      <Storage catalog={catalog} />
      <Queues />
      {mayMeasure && <Processes />}
      <InteractionTypes catalog={catalog} />
      {isAdmin ? (
        <>
          <Keys />
          <Settings />
          <AuditLog />
        </>
      ) : (
        <p className="note wide">
          A key with the scope “admin” for all catalogs shows keys, settings and the audit log.
        </p>
      )}
    </div>
  );
}

function Queues() {
  const rates = useRates();
  const may = useMay('metrics', null);
  return (
    <Panel title="Queues" asked={may ? rates : undefined} aside={<a href="./queues">Queue board</a>}>
      {may ? (
        <Loaded asked={rates}>
          {({ latest: { queues, version } }) => (
            <>
              <dl className="figures">
                {queues.map(({ queue, waiting, oldestSeconds }) => (
                  <Figure
                    key={queue}
                    label={queue}
                    value={whole(waiting)}
                    meaning={`Jobs of the queue “${queue}” that wait for a worker.`}
                    note={waiting > 0 ? `the oldest for ${duration(oldestSeconds * 1_000)}` : undefined}
                  />
                ))}
              </dl>
              {version !== null && <p className="note">The API that answers has version {version}.</p>}
            </>
          )}
        </Loaded>
      ) : (
        <p className="note">A key with the scope “metrics” for all catalogs shows queues.</p>
      )}
    </Panel>
  );
}
