/** float32's smallest normal number is 1.2e-38: what decays further stays above 0. */
export const SMALLEST_VALUE = 1e-37;
/** Half-lives after which a weight decays no further: 2⁻⁶⁰. */
const MOST_HALF_LIVES = 60;

/**
 * Which parts of the equation a catalog needs. Without the others the query costs less, and its
 * rows are the same.
 */
export interface PairRules {
  /** Whether a type may have a half-life. */
  readonly decays: boolean;
  /** Whether a type may have another rule for repeats than `max`. */
  readonly repeats: boolean;
}

/** For queries of so few rows that it would cost more to look for the rules of the catalog. */
export const ALL_RULES: PairRules = { decays: true, repeats: true };

/** The {@link PairRules} of catalog $1. */
export const FIND_PAIR_RULES = `SELECT coalesce(bool_or(half_life_days IS NOT NULL), false) AS decays,
  coalesce(bool_or(repeats <> 'max'), false) AS repeats FROM interaction_types WHERE catalog_id = $1`;

/**
 * The definition of the user-item matrix, in SQL: a row (user_key, item_key, value, occurred_at) for each
 * pair of the interactions that `condition` on the table `n` selects, which must be all of a user's. With T
 * the user's newest interaction, an interaction e counts
 *
 *   v_e = max(1e-37, weight · trainingWeight · 2^(−min(60, (T − occurredAt) / halfLife)))
 *
 * Those of one type count max v_e, Σ v_e or the v_e of the newest, as `repeats` of the type says. x_ui is the
 * largest of what the positive types count, and 0 when the pair's newest interaction is of a negative type. T
 * and not the clock, so that the same data makes the same matrix whenever it is trained, and a user's row
 * depends on that user alone. T costs as much as the rest. With `seen` a row also has excluded: whether any
 * of the pair's interactions is of a type that takes the item out of the user's lists, and opens_at: when the
 * last of these types takes it out no longer, `infinity` where one always does.
 *
 * `BlockPairs` makes the same of rows, outside of PostgreSQL.
 */
export function pairValues(
  condition: string,
  { decays, repeats, seen = false }: PairRules & { readonly seen?: boolean },
): string {
  const newest = (sign: string) => `coalesce(max(p.occurred_at) FILTER (WHERE ${sign}), '-infinity')`;
  const ofSeen = `, bool_or(p.excludes_seen) AS excluded,
      max(CASE WHEN p.repeat_after_days IS NULL THEN 'infinity' ELSE p.occurred_at + make_interval(secs => p.repeat_after_days::float8 * 86400) END)
        FILTER (WHERE p.excludes_seen) AS opens_at`;
  return `SELECT p.user_key, p.item_key, max(p.occurred_at) AS occurred_at,
      (CASE WHEN ${newest('p.positive')} > ${newest('NOT p.positive')} THEN max(p.value) FILTER (WHERE p.positive) ELSE 0 END)::real AS value${seen ? ofSeen : ''}
    FROM (${repeats ? valuesOfTypes(condition, decays) : valuesOfEvents(condition, decays)}) p
    GROUP BY p.user_key, p.item_key`;
}

/** 2^(−min(60, (T − occurredAt) / halfLife)) of a row `n`, whose user's newest interaction is of n.newest. */
export function decay(halfLifeDays: string): string {
  const halfLives = `extract(epoch FROM n.newest - n.occurred_at)::float8 / 86400 / ${halfLifeDays}`;
  return `power(0.5::float8, least(coalesce(${halfLives}, 0), ${MOST_HALF_LIVES}))`;
}

/** Interactions with the time of their user's newest one. */
export function withNewest(condition: string): string {
  return `(SELECT n.*, max(n.occurred_at) OVER (PARTITION BY n.user_key) AS newest FROM interactions n WHERE ${condition})`;
}

/** v_e of each interaction. */
function valuesOfEvents(condition: string, decays: boolean): string {
  return `SELECT n.user_key, n.item_key, n.occurred_at, t.type_key, t.positive, t.excludes_seen, t.repeat_after_days, t.repeats,
      greatest(n.weight::float8 * t.training_weight * ${decays ? decay('t.half_life_days') : '1'}, ${SMALLEST_VALUE}) AS value
    FROM ${decays ? withNewest(condition) : `(SELECT n.* FROM interactions n WHERE ${condition})`} n
      JOIN interaction_types t ON t.catalog_id = n.catalog_id AND t.type_key = n.type_key`;
}

/** What each type counts for a pair. Sums have one order, so that equal data makes equal bits. */
function valuesOfTypes(condition: string, decays: boolean): string {
  return `SELECT e.user_key, e.item_key, max(e.occurred_at) AS occurred_at, e.positive, e.excludes_seen, e.repeat_after_days,
      CASE e.repeats WHEN 'sum' THEN sum(e.value ORDER BY e.occurred_at)
        WHEN 'newest' THEN (array_agg(e.value ORDER BY e.occurred_at))[count(*)]
        ELSE max(e.value) END AS value
    FROM (${valuesOfEvents(condition, decays)}) e
    GROUP BY e.user_key, e.item_key, e.type_key, e.positive, e.excludes_seen, e.repeat_after_days, e.repeats`;
}
