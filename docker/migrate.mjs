/** Applies missing migrations; run once before the service starts. `prisma migrate deploy` does the same. */
import { directDatabaseUrl, loadEnvironment, StartError } from '../dist/libs/config/src/index.js';
import { checkDatabase, migrate } from '../dist/libs/data/src/index.js';

// The first process of a container gets no signal that it does not listen for. What is being
// applied is rolled back.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

const MIGRATIONS = new URL('../prisma/migrations', import.meta.url).pathname;

try {
  const { DATABASE_URL, DIRECT_DATABASE_URL } = loadEnvironment();
  const onWaiting = (server) => console.log(`Waiting for ${server} …`);
  await checkDatabase({ DATABASE_URL, DIRECT_DATABASE_URL }, { onWaiting });
  const onLocked = (name) =>
    console.log(`${name} gives way to calls, and waits for a query or a call that holds its table …`);
  const url = directDatabaseUrl({ DATABASE_URL, DIRECT_DATABASE_URL });
  const applied = await migrate(url, MIGRATIONS, { onLocked });
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
