/**
 * The best of many, without sorting them all: a heap of at most `size` with its worst on top.
 *
 * @param isBefore a strict total order: true when `a` is better than `b`
 */
export class BestItems<Item> {
  readonly #heap: Item[] = [];

  constructor(
    private readonly size: number,
    private readonly isBefore: (a: Item, b: Item) => boolean,
  ) {}

  offer(item: Item): void {
    const heap = this.#heap;
    if (heap.length < this.size) {
      heap.push(item);
      this.#rise(heap.length - 1);
    } else if (this.size > 0 && this.isBefore(item, heap[0]!)) {
      heap[0] = item;
      this.#sink();
    }
  }

  /** Best first. */
  toSorted(): Item[] {
    return [...this.#heap].sort((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  #rise(from: number): void {
    for (let place = from; place > 0;) {
      const parent = (place - 1) >> 1;
      if (this.isBefore(this.#heap[place]!, this.#heap[parent]!)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(): void {
    for (let place = 0; ;) {
      let worst = place;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < this.#heap.length && this.isBefore(this.#heap[worst]!, this.#heap[child]!)) worst = child;
      if (worst === place) return;
      this.#swap(place, worst);
      place = worst;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
