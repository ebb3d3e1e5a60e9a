import { DomainError, type ErrorCode } from '#domain';
import type { Database } from '../connection/database.js';
import { ApiKeysRepository, type MadeApiKey, type NewApiKey } from './api-keys.repository.js';
import { AuditLogRepository } from './audit-log.repository.js';

/** What the call would answer. */
const REFUSED: Partial<Record<ErrorCode, number>> = { 'key-not-found': 404, 'too-many-keys': 409 };

/**
 * Keys that a program changes in the database, without a call: the audit log has an entry of each change, as
 * of the call that does the same, with the program in place of the address.
 */
export class AuditedKeysRepository extends ApiKeysRepository {
  readonly #audit: AuditLogRepository;

  constructor(
    database: Database,
    private readonly program: string,
  ) {
    super(database);
    this.#audit = new AuditLogRepository(database);
  }

  override make(input: NewApiKey): Promise<MadeApiKey> {
    return this.#audited('POST /v1/keys', 201, () => super.make(input));
  }

  override rotate(id: string, overlapSeconds: number): Promise<MadeApiKey> {
    return this.#audited('POST /v1/keys/:id/rotate', 201, () => super.rotate(id, overlapSeconds), id);
  }

  override revoke(id: string): Promise<void> {
    return this.#audited('DELETE /v1/keys/:id', 204, () => super.revoke(id), id);
  }

  /** As a call: nothing is changed that cannot be written down, and the status follows. */
  async #audited<Result>(
    call: string,
    status: number,
    change: () => Promise<Result>,
    keyId = '',
  ): Promise<Result> {
    const [method, route] = call.split(' ') as [string, string];
    const address = `${this.program} ${keyId}`.trim();
    const entry = await this.#audit.begin({ keyId: null, keyName: null, method, route, address });
    try {
      const result = await change();
      await this.#end(entry, status);
      return result;
    } catch (error) {
      const refused = error instanceof DomainError ? REFUSED[error.code] : undefined;
      if (refused !== undefined) await this.#end(entry, refused);
      throw error;
    }
  }

  /** The change is done: who made a key gets it, whether its status can be written or not. */
  async #end(entry: string, status: number): Promise<void> {
    await this.#audit.end(entry, status).catch(() => undefined);
  }
}
