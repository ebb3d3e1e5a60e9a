import { environmentSchema, StartError } from '#config';
import { checkDatabase, Database } from '#data';
import { DomainError } from '#domain';

/**
 * Lends a database for one command.
 *
 * @throws DomainError when no `--database` or DATABASE_URL is given; StartError when it is wrong
 */
export async function withDatabase<Result>(
  url: string | undefined,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  if (url === undefined) {
    throw new DomainError(
      'validation-failed',
      'Give --database postgresql://… or set DATABASE_URL; while npm start runs, .sparserec/run.json has it',
    );
  }
  const checked = environmentSchema.shape.DATABASE_URL.safeParse(url);
  if (!checked.success) throw new StartError(`DATABASE_URL: ${checked.error.issues[0]?.message}`);
  await checkDatabase(
    { DATABASE_URL: url },
    { onWaiting: (server) => process.stderr.write(`Waiting for ${server} …\n`) },
  );
  const database = Database.connect(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
