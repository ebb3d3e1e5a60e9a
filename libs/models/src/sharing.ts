import {
  BorrowedScorer,
  ItemScorer,
  Kernels,
  loadKernels,
  ShapeError,
  type KernelName,
  type LentScorer,
  type Loan,
  type Scorer,
  type SharedItemSide,
} from '#sparse';
import type { PassedModel } from './recommender.js';

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

/**
 * This thread's kernels for all models that it borrows, one after another: what they hold is given
 * back after every call.
 */
function borrowingKernels(name: KernelName): Kernels {
  const kernels = own.get(name) ?? loadKernels(name);
  own.set(name, kernels);
  return kernels;
}

/** `lend` and `handOver` of a model that answers by a scorer. */
export interface Passing {
  readonly lend: (longestHistory: number) => Loan<PassedModel>;
  readonly handOver: () => PassedModel;
}

/** @param share makes all that the kind's `receive` needs beside the scorer */
export function passing<Parts extends { readonly scorer: PassedScorer }>(
  kind: string,
  scorer: Scorer,
  share: () => Omit<Parts, 'scorer'>,
): Passing {
  const pass = (passed: PassedScorer): PassedModel => ({ kind, parts: { ...share(), scorer: passed } });
  return {
    lend: (longestHistory) => {
      const { lent, ...loan } = ownScorer(scorer).lend(longestHistory);
      return { ...loan, lent: pass(lent) };
    },
    handOver: () => pass(ownScorer(scorer).share()),
  };
}

/** A scorer that may be passed on. @throws ShapeError when it is borrowed itself */
function ownScorer(scorer: Scorer): ItemScorer {
  if (scorer instanceof ItemScorer) return scorer;
  throw new ShapeError('a model that is lent is not lent on');
}
