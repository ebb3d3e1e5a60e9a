import type { Candidate } from './list.js';

const HOUR_MS = 3_600_000;

/** When each item was last shown, in ms since 1970, by item key. */
export type Shown = ReadonlyMap<number, number>;

export interface RotationOptions {
  /** From 0, as if nothing had been shown, to 1. */
  readonly strength: number;
  readonly halfLifeHours: number;
}

/** Lets items rank lower that were shown lately. */
export class Rotation {
  constructor(
    private readonly options: RotationOptions,
    private readonly shown: Shown,
    private readonly now: number,
  ) {}

  /** Items that may rank lower. */
  get size(): number {
    return this.shown.size;
  }

  /**
   * score · (1 − strength · 2^(−age / halfLife)) in float32 for what was shown `age` ago; scores of
   * 0 and less stay.
   */
  rescore(itemKey: number, score: number): number {
    const shownAt = this.shown.get(itemKey);
    if (shownAt === undefined || score <= 0) return score;
    const halfLives = Math.max(0, this.now - shownAt) / HOUR_MS / this.options.halfLifeHours;
    return Math.fround(score * (1 - this.options.strength * 2 ** -halfLives));
  }

  /**
   * The `size` best after the change: at most `this.size` items fall, and none rises, so they are among the
   * `size + this.size` best before it.
   *
   * @param placeOf where an item stands among those of equal score
   */
  async best(
    size: number,
    find: (size: number) => Promise<readonly Candidate[]> | readonly Candidate[],
    placeOf: (itemKey: number) => number,
  ): Promise<readonly Candidate[]> {
    return (await find(size + this.size))
      .map((candidate) => this.#change(candidate))
      .sort((a, b) => b.score - a.score || placeOf(a.itemKey) - placeOf(b.itemKey))
      .slice(0, size);
  }

  #change(candidate: Candidate): Candidate {
    const score = this.rescore(candidate.itemKey, candidate.score);
    return score === candidate.score ? candidate : { ...candidate, score, baseScore: candidate.score };
  }
}
