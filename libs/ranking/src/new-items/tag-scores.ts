import type { TagScorer } from '#models';
import type { NewItems, TagGroup } from './new-items.js';

/** Scores of new items for one user, by their tags, in float32. */
export class TagScores {
  readonly #cached = new Map<TagGroup, number>();
  readonly #scoreTags: TagScorer;

  /** @param scores of the model's items */
  constructor(
    private readonly newItems: NewItems,
    scores: Float32Array,
  ) {
    this.#scoreTags = newItems.mixtures.scorer(scores);
  }

  /** Where it is above 0; 0 otherwise, and for items without tags that the model can tell anything of. */
  of(itemKey: number): number {
    const group = this.newItems.groupOf(itemKey);
    if (!group) return 0;
    const score = this.#cached.get(group) ?? this.ofGroup(group);
    this.#cached.set(group, score);
    return score;
  }

  ofGroup({ tags }: TagGroup): number {
    return Math.max(0, Math.fround(this.#scoreTags(tags)));
  }
}
