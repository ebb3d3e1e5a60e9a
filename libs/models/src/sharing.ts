import {
  BorrowedScorer,
  ItemScorer,
  Kernels,
  loadKernels,
  ShapeError,
  type KernelName,
  type LentScorer,
  type Scorer,
  type SharedItemSide,
} from '@app/sparse';

/** A scorer on its way to another thread: lent to it for a while, or handed over for good. */
export type PassedScorer = LentScorer | SharedItemSide;

const own = new Map<KernelName, Kernels>();

/** A scorer that was passed to this thread, and kernels for what its model computes besides. */
export function receiveScorer(passed: PassedScorer): { readonly kernels: Kernels; readonly scorer: Scorer } {
  if ('room' in passed) {
    const kernels = borrowingKernels(passed.kernel);
    return { kernels, scorer: new BorrowedScorer(kernels, passed) };
  }
  return { kernels: new Kernels(passed.kernel, 'shared'), scorer: ItemScorer.adopt(passed) };
}

/** This thread's kernels for all models that it borrows, one after another: what they hold is given back after every call. */
function borrowingKernels(name: KernelName): Kernels {
  const kernels = own.get(name) ?? loadKernels(name);
  own.set(name, kernels);
  return kernels;
}

/** A scorer that may be passed on. @throws ShapeError when it is borrowed itself */
export function ownScorer(scorer: Scorer): ItemScorer {
  if (scorer instanceof ItemScorer) return scorer;
  throw new ShapeError('a model that is lent is not lent on');
}
