import { v7 as uuid } from 'uuid';
import { AUDIT_DAYS, withoutKeys, type AuditEntry } from '#domain';
import type { Database } from '../connection/database.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';
import { newestFirst, toPage, type Page } from '../sql/paging.js';

/** What is known of a call when it begins. */
export type BegunCall = Omit<AuditEntry, 'id' | 'at' | 'status'>;

/** $1 rows. */
const DELETE_OLD = `DELETE FROM audit_log WHERE id = ANY(ARRAY(SELECT id FROM audit_log
  WHERE at < now() - interval '${AUDIT_DAYS} days' ORDER BY id LIMIT $1))`;

/** Who has changed what. */
export class AuditLogRepository {
  constructor(private readonly database: Database) {}

  /** Keys in the address are left out. @returns the id of the entry, for {@link end} */
  async begin({ address, ...call }: BegunCall): Promise<string> {
    const id = uuid();
    const data = { id, ...call, address: withoutKeys(address) };
    await this.database.run((prisma) => prisma.auditEntry.create({ data }));
    return id;
  }

  async end(id: string, status: number): Promise<void> {
    await this.database.run((prisma) => prisma.auditEntry.update({ where: { id }, data: { status } }));
  }

  /** The newest first. */
  async findPage(before: string | null, limit: number): Promise<Page<AuditEntry>> {
    const entries = await this.database.run((prisma) =>
      prisma.auditEntry.findMany(newestFirst(before, limit)),
    );
    return toPage(entries, limit, ({ id }) => id);
  }

  /** @returns number of rows of each statement */
  deleteOld(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OLD, []);
  }
}
