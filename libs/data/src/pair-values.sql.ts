/** float32's smallest normal number is 1.2e-38: what decays further stays above 0. */
const SMALLEST_VALUE = '1e-37';
/** Half-lives after which a weight decays no further: 2⁻⁶⁰. */
const MOST_HALF_LIVES = 60;

/**
 * The one definition of the user-item matrix, in SQL: a row (user_key, item_key, value, occurred_at) for each pair of the
 * interactions that `condition` on the table `n` selects, which must be all of a user's. With T the user's newest interaction,
 *
 *   x_ui = max over the pair's positive interactions of weight · trainingWeight · 2^(−(T − occurredAt) / halfLife)
 *
 * and 0 when the pair's newest interaction is of a negative type. T and not the clock, so that the same data makes the same
 * matrix whenever it is trained, and a user's row depends on that user alone. Without `decays` no type has a half-life, and
 * T, which costs as much as the rest, is not looked for. With `seen` a row also has excluded: whether any of the pair's
 * interactions is of a type that takes the item out of the user's lists.
 */
export function pairValues(
  condition: string,
  { decays, seen = false }: { readonly decays: boolean; readonly seen?: boolean },
): string {
  const halfLives = `extract(epoch FROM n.newest - n.occurred_at)::float8 / 86400 / t.half_life_days`;
  const decay = !decays ? '1' : `power(0.5::float8, least(coalesce(${halfLives}, 0), ${MOST_HALF_LIVES}))`;
  const value = `greatest(n.weight::float8 * t.training_weight * ${decay}, ${SMALLEST_VALUE})::real`;
  const newest = (sign: string) => `coalesce(max(n.occurred_at) FILTER (WHERE ${sign}), '-infinity')`;
  return `SELECT n.user_key, n.item_key, max(n.occurred_at) AS occurred_at,
      CASE WHEN ${newest('t.positive')} > ${newest('NOT t.positive')} THEN max(${value}) FILTER (WHERE t.positive) ELSE 0 END AS value${seen ? ', bool_or(t.excludes_seen) AS excluded' : ''}
    FROM (SELECT n.*${decays ? ', max(n.occurred_at) OVER (PARTITION BY n.user_key) AS newest' : ''} FROM interactions n WHERE ${condition}) n
      JOIN interaction_types t ON t.catalog_id = n.catalog_id AND t.type_key = n.type_key
    GROUP BY n.user_key, n.item_key`;
}
