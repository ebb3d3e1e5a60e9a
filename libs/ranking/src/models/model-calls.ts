import { TurnTaking } from '#domain';
import {
  chooseDiverse,
  type Closeness,
  type Contribution,
  type DiverseChoice,
  type RankedItems,
  type Recommender,
  type SparseVector,
} from '#models';

type Answer<Result> = Result | Promise<Result>;

/** What a list asks of a model, whichever thread answers. */
export interface ModelCalls {
  /** What `recommend` would answer for the allowed items of a list, where that is known already. */
  prepared?(history: SparseVector, k: number): RankedItems | undefined;
  recommend(history: SparseVector, k: number, allowed?: Uint8Array): Answer<RankedItems>;
  scoreUser(history: SparseVector): Answer<Float32Array>;
  similarItems(itemIndex: number, k: number, allowed: Uint8Array): Answer<RankedItems>;
  /** The parts of the score of each item. */
  explain(history: SparseVector, itemIndices: readonly number[]): Answer<Contribution[][]>;
  /** The parts of the score of a mixture of items. */
  explainMixture(history: SparseVector, weights: Float64Array): Answer<Contribution[]>;
  /** How much the model relates every item to a mixture of items. */
  relateMixture(weights: Float64Array): Answer<Float32Array>;
  /** Places of the candidates that make a diverse list. */
  chooseDiverse(choice: DiverseChoice): Answer<number[]>;
}

/** Answers in the thread that asks. */
export class DirectCalls implements ModelCalls {
  /** @param pause before every call; absent: none */
  constructor(
    private readonly recommender: Recommender,
    private readonly closeness: Closeness,
    private readonly pause?: () => Promise<void>,
  ) {}

  /** The same, with a pause before every call. */
  after(pause: () => Promise<void>): DirectCalls {
    return new DirectCalls(this.recommender, this.closeness, pause);
  }

  recommend(history: SparseVector, k: number, allowed?: Uint8Array): Answer<RankedItems> {
    return this.#next(() => this.recommender.recommend(history, k, allowed && { allowed }));
  }

  scoreUser(history: SparseVector): Answer<Float32Array> {
    return this.#next(() => this.recommender.scoreUser(history));
  }

  similarItems(itemIndex: number, k: number, allowed: Uint8Array): Answer<RankedItems> {
    return this.#next(() => this.recommender.similarItems(itemIndex, k, { allowed }));
  }

  async explain(history: SparseVector, itemIndices: readonly number[]): Promise<Contribution[][]> {
    const turns = new TurnTaking();
    const parts: Contribution[][] = [];
    for (const itemIndex of itemIndices) {
      parts.push(this.recommender.explain(history, itemIndex));
      await turns.pause();
    }
    return parts;
  }

  explainMixture(history: SparseVector, weights: Float64Array): Answer<Contribution[]> {
    return this.#next(() => this.recommender.explainMixture(history, weights));
  }

  relateMixture(weights: Float64Array): Answer<Float32Array> {
    return this.#next(() => this.recommender.relateMixture(weights));
  }

  chooseDiverse(choice: DiverseChoice): Promise<number[]> {
    const turns = new TurnTaking();
    return chooseDiverse(this.recommender, this.closeness, choice, () => turns.pause());
  }

  #next<Result>(call: () => Result): Answer<Result> {
    return this.pause ? this.pause().then(call) : call();
  }
}
