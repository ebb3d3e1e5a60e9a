import { lowerBound } from '#sparse';

/**
 * Users of this many items of mean popularity are added to each tag, with the mean score of all items:
 * rare tags say less.
 */
export const PRIOR_ITEMS = 10;

/**
 * Some items of a model: those that have one tag, ascending. Belongs to its `TagMixtures`,
 * which alone changes it.
 */
export class Tag {
  readonly items: number[] = [];
  /** Σ a_j over the items. */
  users = 0;
  /** Whoever holds it beside its items. */
  uses = 0;

  constructor(
    readonly name: string,
    /** Dense: below `TagMixtures.numIds`. */
    readonly id: number,
  ) {}
}

/** The score of tags for one user; 0 where no item of the model has any of them. */
export type TagScorer = (tags: readonly Tag[]) => number;

/**
 * Makes something of an item that a model has never seen out of what the model says of items with the same
 * tags. With N items, a_j users of item j, ā their mean, n_t items with tag t, and h = `PRIOR_ITEMS`:
 *
 *   μ = Σ_j a_j·s_j / Σ_j a_j                            the score of the item of any interaction
 *   m_t = (Σ_{j∈t} a_j·s_j + h·ā·μ) / (Σ_{j∈t} a_j + h·ā)  the same for items with the tag, shrunk to μ
 *   score(T) = c·Σ_{t∈T} g_t·m_t / Σ_{t∈T} g_t,  g_t = ln(1 + N/n_t)
 *
 * over the tags T of the item that any item of the model has. It is linear in s, so that score(T) = Σ_j
 * w_j·s_j (`weights`), and what holds of the s_j by parts holds of it.
 */
export class TagMixtures {
  readonly #tags = new Map<string, Tag>();
  readonly #freeIds: number[] = [];
  #numIds = 0;
  readonly #allUsers: number;

  /**
   * @param users a, one an item; not changed
   * @param scale c
   */
  constructor(
    private readonly users: Float32Array,
    private readonly scale: number,
  ) {
    this.#allUsers = users.reduce((sum, count) => sum + count, 0);
  }

  get numIds(): number {
    return this.#numIds;
  }

  /** The tag of a name, to be given back by `release`. */
  use(name: string): Tag {
    const tag = this.#tags.get(name) ?? this.#create(name);
    tag.uses++;
    return tag;
  }

  release(tag: Tag): void {
    tag.uses--;
    this.#dropUnused(tag);
  }

  /** An item of the model has the tag. */
  add(name: string, itemIndex: number): void {
    const tag = this.#tags.get(name) ?? this.#create(name);
    insertSorted(tag.items, itemIndex);
    tag.users += this.users[itemIndex]!;
  }

  /** An item of the model, which had the tag, has it no longer. */
  remove(name: string, itemIndex: number): void {
    const tag = this.#tags.get(name);
    if (!tag || !removeSorted(tag.items, itemIndex)) return;
    tag.users -= this.users[itemIndex]!;
    this.#dropUnused(tag);
  }

  /** @param scores s, one an item; read at each call of the result */
  scorer(scores: ArrayLike<number>): TagScorer {
    if (this.#allUsers === 0) return () => 0;
    const all = this.#sum(scores, this.users.keys()) / this.#allUsers;
    const means = new Float64Array(this.#numIds).fill(NaN);
    return (tags) => {
      let [sum, total] = [0, 0];
      for (const tag of tags) {
        if (tag.items.length === 0) continue;
        if (Number.isNaN(means[tag.id]!)) means[tag.id] = this.#mean(tag, scores, all);
        const idf = this.idf(tag);
        sum += idf * means[tag.id]!;
        total += idf;
      }
      return total === 0 ? 0 : (this.scale * sum) / total;
    };
  }

  /** w, one an item; null where no item has any of the tags. */
  weights(tags: readonly Tag[]): Float64Array | null {
    const used = tags.filter(({ items }) => items.length > 0);
    if (used.length === 0 || this.#allUsers === 0) return null;
    const total = used.reduce((sum, tag) => sum + this.idf(tag), 0);
    const shares = used.map((tag) => (this.scale * this.idf(tag)) / (total * (tag.users + this.#priorUsers)));
    const toAll = shares.reduce((sum, share) => sum + (share * this.#priorUsers) / this.#allUsers, 0);
    const weights = Float64Array.from(this.users, (count) => toAll * count);
    used.forEach(({ items }, position) => {
      for (const item of items) weights[item]! += shares[position]! * this.users[item]!;
    });
    return weights;
  }

  /** g_t; a tag that no item has counts as if one had it. */
  idf({ items }: Pick<Tag, 'items'>): number {
    return Math.log(1 + this.users.length / Math.max(1, items.length));
  }

  /** g_t by name. */
  idfOf(name: string): number {
    return this.idf(this.#tags.get(name) ?? { items: [] });
  }

  /** h·ā */
  get #priorUsers(): number {
    return (PRIOR_ITEMS * this.#allUsers) / this.users.length;
  }

  #mean({ items, users }: Tag, scores: ArrayLike<number>, all: number): number {
    const prior = this.#priorUsers;
    return (this.#sum(scores, items) + prior * all) / (users + prior);
  }

  #sum(scores: ArrayLike<number>, items: Iterable<number>): number {
    let sum = 0;
    for (const item of items) sum += this.users[item]! * scores[item]!;
    return sum;
  }

  #create(name: string): Tag {
    const tag = new Tag(name, this.#freeIds.pop() ?? this.#numIds++);
    this.#tags.set(name, tag);
    return tag;
  }

  #dropUnused(tag: Tag): void {
    if (tag.uses > 0 || tag.items.length > 0) return;
    this.#tags.delete(tag.name);
    this.#freeIds.push(tag.id);
  }
}

/** Puts a number where it belongs among ascending ones; it must not be there. */
export function insertSorted(numbers: number[], value: number): void {
  const last = numbers.at(-1);
  if (last === undefined || last < value) numbers.push(value);
  else numbers.splice(placeOf(numbers, value), 0, value);
}

/** @returns false when it is not there */
export function removeSorted(numbers: number[], value: number): boolean {
  const place = placeOf(numbers, value);
  if (numbers[place] !== value) return false;
  numbers.splice(place, 1);
  return true;
}

/** First place of at least this value. */
function placeOf(numbers: readonly number[], value: number): number {
  return lowerBound(0, numbers.length, (at) => numbers[at]! < value);
}
