/** Applies missing migrations; run once before the service starts. `prisma migrate deploy` does the same. */
import { migrate } from '../dist/libs/data/src/index.js';

const applied = await migrate(
  process.env.DATABASE_URL,
  new URL('../prisma/migrations', import.meta.url).pathname,
);
console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
