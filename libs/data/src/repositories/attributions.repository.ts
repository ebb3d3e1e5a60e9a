import { ATTRIBUTION_KEPT_DAYS, type Attribution } from '#domain';
import type { Database } from '../connection/database.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';

interface AttributionRow {
  readonly model_id: string;
  readonly answers: string;
  readonly types: string[];
  readonly counts: string[];
}

const FIND = `SELECT m.id AS model_id, coalesce(a.answers, 0) AS answers,
    coalesce(array_agg(t.name ORDER BY t.name) FILTER (WHERE t.name IS NOT NULL), '{}') AS types,
    coalesce(array_agg(x.interactions ORDER BY t.name) FILTER (WHERE t.name IS NOT NULL), '{}') AS counts
  FROM models m LEFT JOIN model_answers a ON a.model_id = m.id LEFT JOIN model_attributions x ON x.model_id = m.id
    LEFT JOIN interaction_types t ON t.catalog_id = m.catalog_id AND t.type_key = x.type_key
  WHERE m.id = ANY($1::uuid[]) GROUP BY m.id, a.answers`;

/**
 * The models are locked in one order, so that they are still there and processes do not lock each other out.
 */
const ADD = `WITH added AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS added (model_id, answers)),
    existing AS MATERIALIZED (SELECT id FROM models WHERE id IN (SELECT model_id FROM added) ORDER BY id FOR KEY SHARE)
  INSERT INTO model_answers (model_id, answers)
    SELECT model_id, answers FROM added JOIN existing ON id = model_id ORDER BY model_id
  ON CONFLICT (model_id) DO UPDATE SET answers = model_answers.answers + excluded.answers`;

/** $1 rows, $2 days. Each catalog's are found at the beginning of its part of the key. */
const DELETE_OLD = `DELETE FROM attributed_interactions WHERE ctid = ANY(ARRAY(
  SELECT old.ctid FROM catalogs c, LATERAL (
    SELECT ctid FROM attributed_interactions WHERE catalog_id = c.id AND issued_at < now() - make_interval(days => $2)
    ORDER BY issued_at LIMIT $1) old
  LIMIT $1))`;

/**
 * How many lists each model has answered, and what followed from them. Interactions count themselves
 * as they are stored.
 */
export class AttributionsRepository {
  constructor(private readonly database: Database) {}

  /** Counts of models that are no longer there are dropped. */
  async addAnswers(answers: ReadonlyMap<string, number>): Promise<void> {
    await this.database.run(() =>
      this.database.pool.query(ADD, [[...answers.keys()], [...answers.values()]]),
    );
  }

  async find(modelIds: readonly string[]): Promise<Map<string, Attribution>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<AttributionRow>(FIND, [modelIds]),
    );
    return new Map(
      rows.map(({ model_id, answers, types, counts }) => [
        model_id,
        {
          recommendations: Number(answers),
          interactions: types.map((type, place) => ({ type, count: Number(counts[place]) })),
        },
      ]),
    );
  }

  /**
   * Forgets what was counted for answers that are counted for no longer. @returns number of
   * rows of each statement
   */
  deleteOld(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OLD, [ATTRIBUTION_KEPT_DAYS]);
  }
}
