import { MOST_ON_LOOP_MS, type KernelNeed } from '../../serving/scoring/scoring-threads.js';
import type { RecalledHistory } from '../../serving/users/recalled-history.js';
import { amongBest } from './candidates.js';
import { numCandidates } from './diversity.js';
import type { RankedList } from './ranked-list.js';

/** What a list for a history will ask of the model at most: the sum of all calls that it makes, in one thread. */
export function needOfHistory(list: RankedList, past: RecalledHistory): KernelNeed {
  const { options, catalog } = list;
  const { known } = past;
  const times = catalog.active?.times;
  const longestHistory = known.indices.length;
  const diverse = needOfDiversity(list);
  if (!times || longestHistory === 0) return diverse;
  const size = sizeOf(list);
  const scoring = times.scoringMs(known, size);
  const numGroups = catalog.newItems?.numGroups ?? 0;
  const numScorings = [true, options.pins?.length, past.isRepeatable, numGroups].filter(Boolean).length;
  const explainingTags = Math.min(options.k, numGroups) * scoring;
  const explaining = options.explain ? options.k * times.explainMs(known) + explainingTags : 0;
  const ms = numScorings * scoring + explaining + diverse.ms;
  // Looking is only worth it where it decides something.
  const isKnown = ms > MOST_ON_LOOP_MS && !options.boost && isRecalled(list, past, size);
  return { ms: isKnown ? ms - scoring : ms, longestHistory };
}

/** What a diverse list asks of the model: for each item what is similar to it, and what is most similar. */
export function needOfDiversity({ options: { k, diversity }, catalog }: RankedList): KernelNeed {
  const times = catalog.active?.times;
  const ms = times && diversity ? 2 * k * times.similarMs(numCandidates(k)) : 0;
  return { ms, longestHistory: 1 };
}

/** What a list of similar items asks of the model. */
export function needOfSimilar({ options: { k }, catalog }: RankedList): KernelNeed {
  return { ms: catalog.active?.times?.similarMs(k) ?? 0, longestHistory: 1 };
}

/** What a list of items like a mixture of items asks of the model. */
export function needOfMixture({ options: { k }, catalog }: RankedList, weights: Float64Array): KernelNeed {
  const indices = Uint32Array.from(weights.keys()).filter((index) => weights[index] !== 0);
  const values = new Float32Array(indices.length).fill(1);
  const ms = catalog.active?.times?.scoringMs({ indices, values }, k) ?? 0;
  return { ms, longestHistory: indices.length };
}

/** Items that are ranked, so that the list is full after the rotation too. */
function sizeOf({ options: { k, diversity, rotation } }: RankedList): number {
  return (diversity ? numCandidates(k) : k) + (rotation?.size ?? 0);
}

/** True when the best of all are in memory, and are enough. */
function isRecalled(list: RankedList, past: RecalledHistory, size: number): boolean {
  const { active } = list.catalog;
  return active !== null && past.kept !== null && amongBest(list, active, past.kept, size) !== null;
}
