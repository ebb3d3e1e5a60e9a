import {
  LentScorer,
  ItemScorer,
  Kernels,
  loadKernels,
  ShapeError,
  type KernelName,
  type LentScorerParts,
  type Lending,
  type Scorer,
  type SharedItemSide,
} from '#sparse';
import type { SentModel } from './recommender.js';

/** A scorer on its way to another thread: lent to it for a while, or transferred for good. */
export type SentScorer = LentScorerParts | SharedItemSide;

const own = new Map<KernelName, Kernels>();

/** A scorer that was sent to this thread, and kernels for what its model computes besides. */
export function restoreScorer(sent: SentScorer): { readonly kernels: Kernels; readonly scorer: Scorer } {
  if ('room' in sent) {
    const kernels = kernelsForLent(sent.kernel);
    return { kernels, scorer: new LentScorer(kernels, sent) };
  }
  return { kernels: new Kernels(sent.kernel, 'shared'), scorer: ItemScorer.ofTransferred(sent) };
}

/**
 * This thread's kernels for all models that are lent to it, one after another: what a call takes is
 * freed after it.
 */
function kernelsForLent(name: KernelName): Kernels {
  const kernels = own.get(name) ?? loadKernels(name);
  own.set(name, kernels);
  return kernels;
}

/** `lend` and `transfer` of a model that answers by a scorer. */
export interface Sending {
  readonly lend: (longestHistory: number) => Lending<SentModel>;
  readonly transfer: () => SentModel;
}

/** @param share makes all that the kind's `restore` needs beside the scorer */
export function sending<Parts extends { readonly scorer: SentScorer }>(
  kind: string,
  scorer: Scorer,
  share: () => Omit<Parts, 'scorer'>,
): Sending {
  const send = (sent: SentScorer): SentModel => ({ kind, parts: { ...share(), scorer: sent } });
  return {
    lend: (longestHistory) => {
      const { lent, ...lending } = ownScorer(scorer).lend(longestHistory);
      return { ...lending, lent: send(lent) };
    },
    transfer: () => send(ownScorer(scorer).share()),
  };
}

/** A scorer that may be sent. @throws ShapeError when it is lent itself */
function ownScorer(scorer: Scorer): ItemScorer {
  if (scorer instanceof ItemScorer) return scorer;
  throw new ShapeError('a model that is lent is not lent on');
}
