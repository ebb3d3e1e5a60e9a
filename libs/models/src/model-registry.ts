import { DomainError, type ModelParameters } from '#domain';
import { blend } from './blend/blend.model.js';
import { ease } from './ease/ease.model.js';
import { ials } from './ials/ials.model.js';
import { itemKnn } from './item-knn/item-knn.model.js';
import { lightgcl } from './lightgcl/lightgcl.model.js';
import { popularity } from './popularity/popularity.model.js';
import type { SentModel, Recommender, RecommenderKind } from './recommender.js';
import { spectral } from './spectral/spectral.model.js';

/** Every kind of model, by name. */
export const modelRegistry: ReadonlyMap<string, RecommenderKind> = new Map(
  [ease, spectral, blend, ials, lightgcl, itemKnn, popularity].map((kind) => [
    kind.kind,
    kind as unknown as RecommenderKind,
  ]),
);

/** @throws DomainError `validation-failed` that lists the kinds there are */
export function modelKind(kind: string): RecommenderKind {
  const found = modelRegistry.get(kind);
  if (found) return found;
  const detail = `must be one of ${[...modelRegistry.keys()].join(', ')}`;
  throw new DomainError('validation-failed', `There is no model "${kind}"`, {
    errors: [{ pointer: '#/model', detail }],
  });
}

/**
 * The model that another thread has transferred or lent. One that is lent is to be dropped when the lending
 * ends.
 */
export function restoreModel({ kind, parts }: SentModel): Recommender {
  return modelKind(kind).restore(parts as never);
}

/**
 * Fills in defaults. @throws DomainError `validation-failed` that names each parameter that is unknown
 * or out of range
 */
export function parseParameters(kind: string, parameters: unknown): ModelParameters {
  const result = modelKind(kind).parameters.safeParse(parameters);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: `#/parameters/${key}`, detail: `${kind} has no such parameter` }))
      : [{ pointer: ['#/parameters', ...issue.path.map(String)].join('/'), detail: issue.message }],
  );
  throw new DomainError('validation-failed', `${errors.length} parameters of ${kind} are invalid`, {
    errors,
  });
}
