import type { PoolClient } from 'pg';
import { LIMITS, type Interaction } from '#domain';
import { appendRecommendation, nextPosition } from '../interactions/interaction-staging.js';
import { tooManyInteractionTypes } from '../repositories/interaction-types.repository.js';
import { BULK_TABLES, ITEM_TABLES } from '../sql/bulk.sql.js';
import type { Undated } from '../sql/dated-rows.sql.js';
import type { BinaryCopyWriter } from '../streams/binary-copy.js';
import { copyRows, CopyIn } from '../streams/copy-in.js';
import { createStagingTables } from '../streams/staging-tables.js';
import { NameNumbers } from './name-numbers.js';

/** Names and attributions that wait in memory. */
const MEMORY_BYTES = 48 * 1024 * 1024;
const BYTES_PER_ATTRIBUTION = 200;

/** Rows in the staging tables, with numbers instead of names. */
export interface BulkRows {
  readonly rows: number;
  readonly isAttributed: boolean;
  /** What rows without a time are; absent: all have one. */
  readonly undated?: Undated | undefined;
}

type Attribution = NonNullable<Interaction['recommendedBy']> & { readonly position: number };

/**
 * Copies interactions into staging tables, in bounded memory. Names are sent once, and rows have their
 * numbers: PostgreSQL then joins and sorts integers.
 */
export class BulkStaging {
  readonly #users = new NameNumbers();
  readonly #items = new NameNumbers();
  readonly #types = new NameNumbers();
  #attributions: Attribution[] = [];
  #copy: CopyIn | null = null;
  #rows = 0;
  #position = -1;
  #isAttributed = false;
  #hasUndated = false;

  private constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
  ) {}

  static async begin(client: PoolClient, catalogId: string): Promise<BulkStaging> {
    await createStagingTables(client, ITEM_TABLES);
    await createStagingTables(client, BULK_TABLES);
    return new BulkStaging(client, catalogId);
  }

  async add(chunk: readonly Interaction[]): Promise<void> {
    const copy = (this.#copy ??= new CopyIn(this.client, 'staged_rows'));
    for (const interaction of chunk) {
      this.#append(copy.writer, interaction);
      if (copy.isFull) await copy.flush();
    }
    if (this.#types.count > LIMITS.interactionTypesPerCatalog) throw tooManyInteractionTypes(this.catalogId);
    if (this.#memoryBytes() > MEMORY_BYTES) await this.#flush();
  }

  async end(isSet: boolean): Promise<BulkRows> {
    await this.#flush();
    const undated = this.#hasUndated ? (isSet ? 'set' : 'events') : undefined;
    return { rows: this.#rows, isAttributed: this.#isAttributed, undated };
  }

  async breakOff(error: Error): Promise<void> {
    await this.#copy?.breakOff(error);
  }

  #append(writer: BinaryCopyWriter, interaction: Interaction): void {
    const { userId, itemId, type, weight, occurredAt, recommendedBy } = interaction;
    const position = (this.#position = nextPosition(this.#position, interaction));
    this.#rows++;
    writer.startRow(6);
    writer.int32(position);
    writer.int32(this.#users.numberOf(userId));
    writer.int32(this.#items.numberOf(itemId));
    writer.int32(this.#types.numberOf(type));
    writer.float32(weight);
    if (occurredAt) writer.timestamp(occurredAt);
    else {
      writer.null();
      this.#hasUndated = true;
    }
    if (!recommendedBy) return;
    this.#attributions.push({ ...recommendedBy, position });
    this.#isAttributed = true;
  }

  #memoryBytes(): number {
    const names = this.#users.sizeBytes + this.#items.sizeBytes + this.#types.sizeBytes;
    return names + this.#attributions.length * BYTES_PER_ATTRIBUTION;
  }

  /** Sends names and attributions, and forgets them; of types there are few. */
  async #flush(): Promise<void> {
    await this.#copy?.end();
    this.#copy = null;
    await this.#sendNames('staged_users', this.#users);
    await this.#sendNames('staged_items', this.#items);
    await this.#sendNames('staged_types', this.#types);
    this.#users.forget();
    this.#items.forget();
    const attributions = this.#attributions;
    this.#attributions = [];
    if (attributions.length > 0)
      await copyRows(this.client, 'staged_attributions', attributions, appendAttribution);
  }

  async #sendNames(table: string, numbers: NameNumbers): Promise<void> {
    const { names, first } = numbers.takeFresh();
    let number = first;
    await copyRows(this.client, table, names, (writer, name) => {
      writer.startRow(2);
      writer.int32(number++);
      writer.text(name);
    });
  }
}

function appendAttribution(writer: BinaryCopyWriter, attribution: Attribution): void {
  writer.startRow(4);
  writer.int32(attribution.position);
  appendRecommendation(writer, attribution);
}
