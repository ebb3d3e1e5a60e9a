import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { Interaction } from '#domain';
import type { Undated } from '../sql/dated-rows.sql.js';
import type { BinaryCopyWriter } from '../streams/binary-copy.js';
import { CopyIn } from '../streams/copy-in.js';

/** One staging table a connection, emptied by every commit. `position` keeps the order in which rows came. */
const STAGING = `CREATE TEMP TABLE staged_interactions (
  position int NOT NULL, user_id text COLLATE "C" NOT NULL, item_id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL,
  weight real NOT NULL, occurred_at timestamptz,
  recommended_by text COLLATE "C", issued_at timestamptz, answer int
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE stored_users (user_key int NOT NULL, is_late boolean NOT NULL) ON COMMIT DELETE ROWS`;
const STAGING_VERSION = createHash('sha256').update(STAGING).digest('hex');

/**
 * Connections of a pooler outlive processes, and may still have the tables of another
 * version of this service.
 */
const CREATE_STAGING = `DO $$ BEGIN
  IF obj_description(to_regclass('pg_temp.staged_interactions'), 'pg_class') IS DISTINCT FROM '${STAGING_VERSION}' THEN
    DROP TABLE IF EXISTS pg_temp.staged_interactions, pg_temp.stored_users;
    ${STAGING};
    COMMENT ON TABLE pg_temp.staged_interactions IS '${STAGING_VERSION}';
  END IF;
END $$`;

/** From here on the planner needs to know how large the tables have become within the transaction. */
export const ANALYZED_ROWS = 1_000;

/** What waits in the staging table. */
export interface StagedRows {
  readonly rows: number;
  /** Whether any came of a recommendation. */
  readonly isAttributed: boolean;
  /** What rows without a time are; absent: all have one. */
  readonly undated?: Undated | undefined;
}

export interface StagingOptions {
  readonly onProgress?: (rows: number) => void;
  readonly isSet?: boolean;
}

/** Copies a stream into the staging table, in constant memory. */
export async function stageInteractions(
  client: PoolClient,
  chunks: AsyncIterable<readonly Interaction[]>,
  options: StagingOptions,
): Promise<StagedRows> {
  await client.query(CREATE_STAGING);
  const staged = await copyToStaging(client, chunks, options);
  if (staged.rows >= ANALYZED_ROWS) await client.query('ANALYZE staged_interactions');
  return staged;
}

async function copyToStaging(
  client: PoolClient,
  chunks: AsyncIterable<readonly Interaction[]>,
  { onProgress, isSet = false }: StagingOptions,
): Promise<StagedRows> {
  const copy = new CopyIn(client, 'staged_interactions');
  let [rows, isAttributed, hasUndated] = [0, false, false];
  await copy.run(async () => {
    for await (const chunk of chunks) {
      for (const interaction of chunk) {
        appendRow(copy.writer, interaction.row ?? rows, interaction);
        rows++;
        isAttributed ||= interaction.recommendedBy !== undefined;
        hasUndated ||= interaction.occurredAt === null;
        if (copy.isFull) await copy.flush();
      }
      onProgress?.(rows);
    }
  });
  return { rows, isAttributed, undated: hasUndated ? (isSet ? 'set' : 'events') : undefined };
}

function appendRow(writer: BinaryCopyWriter, position: number, interaction: Interaction): void {
  writer.startRow(9);
  writer.int32(position);
  writer.text(interaction.userId);
  writer.text(interaction.itemId);
  writer.text(interaction.type);
  writer.float32(interaction.weight);
  if (interaction.occurredAt) writer.timestamp(interaction.occurredAt);
  else writer.null();
  appendRecommendation(writer, interaction.recommendedBy);
}

function appendRecommendation(writer: BinaryCopyWriter, recommendedBy: Interaction['recommendedBy']): void {
  if (!recommendedBy) {
    for (let field = 0; field < 3; field++) writer.null();
    return;
  }
  writer.text(recommendedBy.modelId);
  writer.timestamp(recommendedBy.issuedAt);
  // PostgreSQL's integers have a sign.
  writer.int32(recommendedBy.number | 0);
}
