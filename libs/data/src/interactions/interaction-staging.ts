import type { PoolClient } from 'pg';
import type { Interaction, RecommendedBy } from '#domain';
import type { Undated } from '../sql/dated-rows.sql.js';
import type { BinaryCopyWriter } from '../streams/binary-copy.js';
import { copyRows } from '../streams/copy-in.js';
import { createStagingTables } from '../streams/staging-tables.js';

/** `position` keeps the order in which rows came. */
const TABLES = {
  staged_interactions: `position int NOT NULL, user_id text NOT NULL, item_id text NOT NULL, type text NOT NULL,
    weight real NOT NULL, occurred_at timestamptz, recommended_by text, issued_at timestamptz, answer int`,
  stored_users: 'user_key int NOT NULL, is_late boolean NOT NULL',
};
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

/** The number of the row; where that begins anew, as in a second file, positions go on. */
export function nextPosition(previous: number, { row = 0 }: Interaction): number {
  return Math.max(row, previous + 1);
}

/** Copies rows into the staging table. */
export async function stageInteractions(
  client: PoolClient,
  interactions: readonly Interaction[],
  isSet = false,
): Promise<StagedRows> {
  await createStagingTables(client, TABLES);
  let position = -1;
  await copyRows(client, 'staged_interactions', interactions, (writer, interaction) => {
    position = nextPosition(position, interaction);
    appendRow(writer, position, interaction);
  });
  const rows = interactions.length;
  if (rows >= ANALYZED_ROWS) await client.query('ANALYZE staged_interactions');
  const isAttributed = interactions.some(({ recommendedBy }) => recommendedBy !== undefined);
  const hasUndated = interactions.some(({ occurredAt }) => occurredAt === null);
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
  if (interaction.recommendedBy) appendRecommendation(writer, interaction.recommendedBy);
  else for (let field = 0; field < 3; field++) writer.null();
}

export function appendRecommendation(
  writer: BinaryCopyWriter,
  { modelId, issuedAt, number }: RecommendedBy,
): void {
  writer.text(modelId);
  writer.timestamp(issuedAt);
  // PostgreSQL's integers have a sign.
  writer.int32(number | 0);
}
