import { z } from 'zod';
import { decodeFrame, encodeFrame, section } from '../artifact/frame.js';
import { fitToLikes } from '../likes.js';
import { rankScores } from '../ranking.js';
import type {
  Contribution,
  History,
  SentModel,
  RankedItems,
  RankingOptions,
  Recommender,
  RecommenderKind,
} from '../recommender.js';

const FORMAT = 'popularity';
const VERSION = 1;

/** score_i = c_i, the number of users with item i: the same for everybody, the fallback and the yardstick. */
export class PopularityModel implements Recommender {
  readonly kind = FORMAT;

  constructor(private readonly counts: Float32Array) {}

  get numItems(): number {
    return this.counts.length;
  }

  scoreUser(): Float32Array {
    return this.counts.slice();
  }

  recommend(history: History, k: number, options: RankingOptions = {}): RankedItems {
    return rankScores(this.counts, k, history.indices, options.allowed);
  }

  similarItems(itemIndex: number, k: number, options: RankingOptions = {}): RankedItems {
    return rankScores(this.counts, k, Uint32Array.of(itemIndex), options.allowed);
  }

  /** No past item makes this score, so there are no parts. */
  explain(): Contribution[] {
    return [];
  }

  explainMixture(): Contribution[] {
    return [];
  }

  relateMixture(weights: Float64Array): Float32Array {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return this.counts.map((count) => total * count);
  }

  encode(): Uint8Array {
    return encodeFrame({ format: FORMAT, version: VERSION, fields: {}, sections: { counts: this.counts } });
  }

  countSteps(): number {
    return 0;
  }

  transfer(): SentModel {
    return { kind: this.kind, parts: this.counts };
  }
}

export const popularity: RecommenderKind<Record<string, never>> = {
  kind: FORMAT,
  description:
    'Number of users of each item: the same list for everybody, beside which every figure is read.',
  parameters: z.strictObject({}),
  estimate: ({ numItems }) => ({ peakBytes: numItems * 8, flops: 0, artifactBytes: numItems * 4 + 256 }),
  fit: fitToLikes((matrix) =>
    Promise.resolve({
      recommender: new PopularityModel(Float32Array.from(matrix.columnCounts())),
      kernel: 'none',
    }),
  ),
  decode: (bytes) => new PopularityModel(section(decodeFrame(bytes, FORMAT, VERSION), 'counts', 'f32')),
  restore: (counts: Float32Array) => new PopularityModel(counts),
};
