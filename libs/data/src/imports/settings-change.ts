import type { PoolClient } from 'pg';
import { LIMITS, nextTick, type InteractionType, type UnknownItems } from '#domain';
import { publish, raiseCacheEpoch } from '../changes/changed-users.js';
import { BOUND_LOCK_WAIT, retryConflicts } from '../connection/conflicts.js';
import { tooManyInteractionTypes } from '../repositories/interaction-types.repository.js';
import type { ScheduleInput } from '../repositories/schedules.repository.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { LAST_TYPE_KEY } from '../sql/type-keys.sql.js';

/** What an import sets of its catalog; what is absent stays as it is. */
export interface ImportedSettings {
  readonly unknownItems?: UnknownItems | undefined;
  /** Time of the first undated interactions, for a catalog that has none. */
  readonly undatedSince?: Date | null | undefined;
  readonly interactionTypes: readonly InteractionType[];
  readonly schedules: readonly Omit<ScheduleInput, 'catalogId'>[];
}

const CHANGE_CATALOG = `UPDATE catalogs SET unknown_items = coalesce($2, unknown_items),
    undated_since = coalesce(undated_since, $3) WHERE id = $1`;
/** Changes nothing, and says so, where the type is as it shall be. */
const PUT_TYPE = `INSERT INTO interaction_types AS t
    (catalog_id, type_key, name, training_weight, half_life_days, positive, excludes_seen, repeat_after_days, repeats)
  VALUES ($1, ${LAST_TYPE_KEY} + 1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (catalog_id, name) DO UPDATE SET training_weight = excluded.training_weight,
    half_life_days = excluded.half_life_days, positive = excluded.positive, excludes_seen = excluded.excludes_seen,
    repeat_after_days = excluded.repeat_after_days, repeats = excluded.repeats
  WHERE (t.training_weight, t.half_life_days, t.positive, t.excludes_seen, t.repeat_after_days, t.repeats) IS DISTINCT FROM
    (excluded.training_weight, excluded.half_life_days, excluded.positive, excluded.excludes_seen,
      excluded.repeat_after_days, excluded.repeats)`;
/** A tick that is due stays so where the timing stays. */
const PUT_SCHEDULE = `INSERT INTO schedules AS s
    (catalog_id, name, cron, time_zone, kind, parameters, gate, enabled, missed, next_tick_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (catalog_id, name) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone,
    kind = excluded.kind, parameters = excluded.parameters, gate = excluded.gate, enabled = excluded.enabled,
    missed = excluded.missed, updated_at = greatest(s.updated_at, now()),
    next_tick_at = CASE WHEN excluded.enabled AND s.enabled AND (s.cron, s.time_zone) = (excluded.cron, excluded.time_zone)
      THEN coalesce(s.next_tick_at, excluded.next_tick_at) ELSE excluded.next_tick_at END`;

/**
 * Sets what an import says of its catalog, and holds the catalog until the import ends.
 *
 * @throws DomainError `too-many-interaction-types`
 */
export async function putSettings(
  client: PoolClient,
  catalogId: string,
  settings: ImportedSettings,
): Promise<void> {
  const put = async () => {
    await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
    const { unknownItems = null, undatedSince = null } = settings;
    await client.query(CHANGE_CATALOG, [catalogId, unknownItems, undatedSince]);
    await putTypes(client, catalogId, settings.interactionTypes);
    await putSchedules(client, catalogId, settings.schedules);
  };
  await client.query(`${BOUND_LOCK_WAIT}; SAVEPOINT settings`);
  await retryConflicts(put, () => client.query('ROLLBACK TO SAVEPOINT settings'));
}

async function putTypes(
  client: PoolClient,
  catalogId: string,
  types: readonly InteractionType[],
): Promise<void> {
  let changed = 0;
  for (const { name, trainingWeight, halfLifeDays, positive, ...type } of types) {
    const seen = [type.excludesSeen, type.repeatAfterDays];
    const values = [catalogId, name, trainingWeight, halfLifeDays, positive, ...seen, type.repeats];
    changed += Number((await client.query(PUT_TYPE, values)).rowCount);
  }
  if (changed === 0) return;
  const { rows } = await client.query<{ count: number }>(MERGE_STEPS.countTypes, [catalogId]);
  if (rows[0]!.count > LIMITS.interactionTypesPerCatalog) throw tooManyInteractionTypes(catalogId);
  await raiseCacheEpoch(client, catalogId);
}

async function putSchedules(
  client: PoolClient,
  catalogId: string,
  schedules: ImportedSettings['schedules'],
): Promise<void> {
  for (const { name, cron, timeZone, kind, parameters, gate, enabled, missed } of schedules) {
    const nextTickAt = enabled ? nextTick(cron, timeZone, new Date()) : null;
    const values = [
      cron,
      timeZone,
      kind,
      JSON.stringify(parameters),
      gate && JSON.stringify(gate),
      enabled,
      missed,
    ];
    await client.query(PUT_SCHEDULE, [catalogId, name, ...values, nextTickAt]);
  }
  if (schedules.length > 0) await publish(client, { kind: 'schedules-changed', catalogId });
}
