import { useQuery } from '@tanstack/react-query';
import { auditLogList } from '@sparserec/client';
import { ask, client } from '../../api/ask.js';
import { POLL_MS } from '../../api/queries.js';
import { SaveTable } from '../../ui/files/save-table.js';
import { dateTime } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';

const SHOWN = 50;

/** Who has changed what of late. */
export function AuditLog() {
  const log = useQuery({
    queryKey: ['audit-log'],
    queryFn: () => ask(auditLogList({ client, query: { limit: SHOWN } })),
    refetchInterval: POLL_MS,
  });
  return (
    <Panel title="Audit log" asked={log} className="wide">
      <Loaded asked={log}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="note">Nothing was changed yet.</p>
          ) : (
            <>
              <div className="scroll tall" tabIndex={0} role="region" aria-label="Changes, the newest first">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">when</th>
                      <th scope="col">who</th>
                      <th scope="col">call</th>
                      <th scope="col">status</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map(({ id, at, keyName, method, address, status }) => (
                      <tr key={id}>
                        <td>{dateTime(at)}</td>
                        <td>
                          <bdi>{keyName ?? 'without a key'}</bdi>
                        </td>
                        <td>
                          <code>
                            {method} <bdi>{address}</bdi>
                          </code>
                        </td>
                        <td>{status ?? 'none'}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <p>
                <SaveTable
                  name="audit-log"
                  columns={['at', 'keyName', 'method', 'address', 'status']}
                  rows={items.map((one) => [one.at, one.keyName, one.method, one.address, one.status])}
                />
              </p>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}
