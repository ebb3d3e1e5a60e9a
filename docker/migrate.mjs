/** Applies missing migrations; run once before the service starts. `prisma migrate deploy` does the same. */
import { migrate } from '../dist/libs/data/src/index.js';

// The first process of a container gets no signal that it does not listen for. What is being applied is rolled back.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

const applied = await migrate(
  process.env.DATABASE_URL,
  new URL('../prisma/migrations', import.meta.url).pathname,
);
console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
