import { Refused } from '../api/ask.js';
import { isAway, useHealth } from '../api/queries.js';

/** One line on top of the page while something is away, with the cause. It is read out when it changes. */
export function ServiceState() {
  const health = useHealth();
  const words = health.error ? faultOf(health.error) : health.data?.status === 'degraded' ? DEGRADED : null;
  return (
    <div role="status" className="service-state">
      {words !== null && <p className={`banner ${health.error ? 'banner-bad' : ''}`}>{words}</p>}
    </div>
  );
}

const DEGRADED =
  'Redis is away. Lists and posts go on by PostgreSQL, some slower; training waits until it is back.';

function faultOf(error: Error): string {
  if (isAway(error))
    return 'The service does not answer. This page asks again every second; what you typed stays.';
  if (error instanceof Refused && error.code === 'database-unavailable')
    return 'PostgreSQL is away. Only lists that are in memory are answered until it is back.';
  if (error instanceof Refused && error.code === 'draining')
    return 'The service is about to restart. This page goes on by itself.';
  return error.message;
}
