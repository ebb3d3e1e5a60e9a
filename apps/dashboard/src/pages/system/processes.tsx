import { useProcesses } from '../../api/queries.js';
import { ago, dateTime } from '../../ui/format.js';
import { Loaded, Panel } from '../../ui/panel.js';
import { useNow } from '../../ui/use-now.js';

/** API processes and workers that are there now, and what they are made of. */
export function Processes() {
  const now = useNow();
  const asked = useProcesses();
  return (
    <Panel title="Processes" asked={asked}>
      <Loaded asked={asked}>
        {({ processes, postgresVersion }) => (
          <>
            <ul className="rows">
              {processes.map(({ name, version, nodeVersion, host, pid, startedAt, isAnswering }) => (
                <li key={`${host} ${pid} ${startedAt}`} className="run">
                  <strong>{name}</strong> {version}
                  {isAnswering && ', which answers this page'}
                  <p className="note">
                    On <bdi>{host}</bdi> as process {pid}, with Node {nodeVersion}, started{' '}
                    <time dateTime={startedAt} title={dateTime(startedAt)}>
                      {ago(startedAt, now)}
                    </time>
                    .
                  </p>
                </li>
              ))}
            </ul>
            <p className="note">PostgreSQL has version {postgresVersion}.</p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
