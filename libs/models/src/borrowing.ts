import { ItemScorer, loadKernels, ShapeError, type KernelName, type Kernels, type Scorer } from '@app/sparse';

const own = new Map<KernelName, Kernels>();

/** This thread's kernels for all models that it borrows, one after another: what they hold is given back after every call. */
export function borrowingKernels(name: KernelName): Kernels {
  const kernels = own.get(name) ?? loadKernels(name);
  own.set(name, kernels);
  return kernels;
}

/** A scorer that may be passed on. @throws ShapeError when it is borrowed itself */
export function ownScorer(scorer: Scorer): ItemScorer {
  if (scorer instanceof ItemScorer) return scorer;
  throw new ShapeError('a model that is lent is not lent on');
}
