import { defineConfig } from 'prisma/config';

/** `generate` needs no database, so a missing URL is no error here. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://localhost:5432/sparserec' },
});
