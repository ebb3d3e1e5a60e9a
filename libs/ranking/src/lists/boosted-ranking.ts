import { TurnTaking } from '#domain';
import type { SparseVector } from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { ActiveModel } from '../models/active-model.js';
import { TagScores } from '../new-items/tag-scores.js';
import { BestItems } from './best-items.js';
import type { Boost } from './boost.js';
import type { Candidate } from './list.js';
import type { RankedList } from './ranked-list.js';

/** Items between two looks at the clock. */
const ITEMS_PER_STEP = 512;

/** What an item has before the boost. */
interface Base {
  /** The model's score, or what it makes of the tags of a new item, where it is above 0. */
  readonly baseScore: number;
  /** Number of users; -1 for an item that the model, or before the first one the count, has never seen. */
  readonly popularity: number;
}

interface BoostedItem extends Base {
  readonly itemKey: number;
  readonly score: number;
}

/** One ranking of all items that a list may have, by the value of an expression. */
export async function rankBoosted(
  list: RankedList,
  history: SparseVector,
  boost: Boost,
  size: number,
): Promise<{ readonly candidates: Candidate[]; readonly numFinite: number }> {
  const { items } = list.catalog;
  const { rotation } = list.options;
  const scores = await BaseScores.of(list, history);
  const best = new BestItems<BoostedItem>(size, (a, b) => isBefore(list, a, b));
  const turns = new TurnTaking();
  let numFinite = 0;
  for (let itemKey = 0; itemKey < items.numKeys; itemKey++) {
    if (itemKey % ITEMS_PER_STEP === 0) await turns.pause();
    if (!list.isOpen(itemKey)) continue;
    const { baseScore, popularity } = scores.of(itemKey);
    const boosted = boost.evaluate(itemKey, baseScore, Math.max(0, popularity));
    if (!Number.isFinite(boosted)) continue;
    const score = rotation?.rescore(itemKey, boosted) ?? boosted;
    numFinite++;
    if (list.admits(score)) best.offer({ itemKey, score, baseScore, popularity });
  }
  return { candidates: best.toSorted().map(toCandidate), numFinite };
}

/** Scores of all items before the boost. */
export class BaseScores {
  readonly #popularity: Float32Array | null;
  /** By key, where there is no model. */
  readonly #counts: ReadonlyMap<number, number>;
  readonly #tagScores: TagScores | null;

  private constructor(
    { newItems, counted }: ServingCatalog,
    private readonly active: ActiveModel | null,
    private readonly scores: Float32Array | null,
    history: SparseVector,
  ) {
    this.#popularity = active && active.served.popularity.scoreUser(history);
    this.#counts = new Map(
      counted && Array.from(counted.itemKeys, (key, rank) => [key, counted.scores[rank]!]),
    );
    this.#tagScores = newItems && scores ? new TagScores(newItems, scores) : null;
  }

  static async of(list: RankedList, history: SparseVector): Promise<BaseScores> {
    const { active } = list.catalog;
    const isPersonal = active !== null && history.indices.length > 0;
    const scores = isPersonal ? await list.scoresOf(history) : null;
    return new BaseScores(list.catalog, active, scores, history);
  }

  of(itemKey: number): Base {
    const index = this.active?.indexOf(itemKey) ?? -1;
    if (index < 0)
      return { baseScore: this.#tagScores?.of(itemKey) ?? 0, popularity: this.#counts.get(itemKey) ?? -1 };
    return {
      baseScore: Math.max(0, this.scores?.[index] ?? 0),
      popularity: this.#popularity?.[index] ?? 0,
    };
  }
}

/** Equal values keep the order that items have without a boost. */
function isBefore(list: RankedList, a: BoostedItem, b: BoostedItem): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.baseScore !== b.baseScore) return a.baseScore > b.baseScore;
  if (a.baseScore === 0 && a.popularity !== b.popularity) return a.popularity > b.popularity;
  return list.placeOf(a.itemKey) < list.placeOf(b.itemKey);
}

function toCandidate({ itemKey, score, baseScore, popularity }: BoostedItem): Candidate {
  const source =
    baseScore > 0 ? (popularity >= 0 ? 'model' : 'tags') : popularity >= 0 ? 'popular' : 'catalogue';
  return { itemKey, score, source, baseScore };
}
