import { Database } from '@app/data';
import { environmentSchema } from '@app/config';
import { DomainError } from '@app/domain';

/** Lends a database for one command. @throws DomainError when no usable `--database` or DATABASE_URL is given */
export async function withDatabase<Result>(
  url: string | undefined,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const checked = environmentSchema.shape.DATABASE_URL.safeParse(url);
  if (!checked.success) {
    throw new DomainError(
      'validation-failed',
      'Give --database postgresql://… or set DATABASE_URL; while npm start runs, .sparserec/run.json has it',
    );
  }
  const database = Database.connect(checked.data);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
