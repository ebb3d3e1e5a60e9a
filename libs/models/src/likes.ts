import type { ModelParameters } from '#domain';
import type { History, RecommenderKind } from './recommender.js';

/** A history without its items of value 0, which were seen and not liked. */
export function likesOf(history: History): History {
  const { indices, values } = history;
  if (!values.includes(0)) return history;
  const isLiked = (_: number, place: number) => values[place] !== 0;
  return { ...history, indices: indices.filter(isLiked), values: values.filter(isLiked) };
}

/** A fit that is given the likes alone: counts of users and items that it takes are those of likes. */
export function fitToLikes<Params extends ModelParameters>(
  fit: RecommenderKind<Params>['fit'],
): RecommenderKind<Params>['fit'] {
  return (matrix, parameters, context) => fit(matrix.withoutZeros(), parameters, context);
}
