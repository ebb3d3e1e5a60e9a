import type { ModelParameters } from '#domain';
import { ComputeThreads, type CsrMatrix } from '#sparse';
import type { Recommender, RecommenderKind } from '../recommender.js';

/** Fits a kind to matrices, all by one instance of the kernels, as a thread of the service does. */
export function fitting(
  kind: RecommenderKind,
  parameters: ModelParameters,
): (matrix: CsrMatrix) => Promise<Recommender> {
  let compute: ComputeThreads | undefined;
  return async (matrix) => {
    compute ??= new ComputeThreads({ threads: 1 });
    return (await kind.fit(matrix, parameters, { seed: 1, compute })).recommender;
  };
}
