import { ownText } from '#domain';

/** Numbers of ids, 0 … n − 1 in the order in which they come. */
export class IdIndex {
  readonly #numbers = new Map<string, number>();

  /** The number of `id`, a new one where it has none. */
  add(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(ownText(id), number);
    return number;
  }

  /** All ids by their numbers. */
  ids(): string[] {
    return [...this.#numbers.keys()];
  }
}

/**
 * The place of each id in a new order: by number if all are whole numbers without zeros in front, else as
 * they are. So a benchmark gives the same matrix whatever the order of its lines.
 */
export function placesOf(ids: readonly string[]): Uint32Array {
  const order = Uint32Array.from(ids, (_, number) => number);
  if (ids.every((id) => /^(0|[1-9]\d{0,14})$/.test(id))) {
    const numbers = Float64Array.from(ids, Number);
    order.sort((a, b) => numbers[a]! - numbers[b]!);
  }
  const places = new Uint32Array(ids.length);
  order.forEach((number, place) => (places[number] = place));
  return places;
}
