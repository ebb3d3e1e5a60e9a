import { loadEnvironment } from '#config';
import { Database } from '#data';
import { checkRedis, withTimeLimit } from '#queue';

/**
 * `node dist/apps/worker/src/health.js`: exit code 0 when PostgreSQL and the queue's server answer, else 1.
 */
const LIMIT_MS = 4_000;

async function isHealthy(): Promise<boolean> {
  const environment = loadEnvironment();
  const database = Database.connect(environment.DATABASE_URL, { maxConnections: 1 });
  const [isDatabaseReachable] = await withTimeLimit(
    Promise.all([database.isReachable(), checkRedis(environment, { waitMs: 0 })]),
    LIMIT_MS,
  );
  return isDatabaseReachable;
}

const healthy = await isHealthy().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  return false;
});
process.exit(healthy ? 0 : 1);
