/** Up to this many are sorted by insertion, which allocates nothing. */
const MOST_INSERTED = 32;

/**
 * Sorts the entries `start ..< end` of sparse rows by index, in place, each with its value. Entries that are
 * in order cost one look.
 *
 * @param indices distinct in that range, below 2²⁶
 */
export function sortEntries(
  indices: Uint32Array,
  values: Float32Array,
  start = 0,
  end = indices.length,
): void {
  if (isSorted(indices, start, end)) return;
  if (end - start <= MOST_INSERTED) insertionSort(indices, values, start, end);
  else sortByPlace(indices, values, start, end);
}

function isSorted(indices: Uint32Array, start: number, end: number): boolean {
  for (let e = start + 1; e < end; e++) if (indices[e - 1]! > indices[e]!) return false;
  return true;
}

function insertionSort(indices: Uint32Array, values: Float32Array, start: number, end: number): void {
  for (let e = start + 1; e < end; e++) {
    const [index, value] = [indices[e]!, values[e]!];
    let to = e;
    for (; to > start && indices[to - 1]! > index; to--) {
      indices[to] = indices[to - 1]!;
      values[to] = values[to - 1]!;
    }
    indices[to] = index;
    values[to] = value;
  }
}

/** One number an entry, of its index and its place: exact in a float64, and sorted without a comparator. */
function sortByPlace(indices: Uint32Array, values: Float32Array, start: number, end: number): void {
  const length = end - start;
  const order = new Float64Array(length);
  for (let place = 0; place < length; place++) order[place] = indices[start + place]! * length + place;
  order.sort();
  const before = values.slice(start, end);
  for (let place = 0; place < length; place++) {
    const index = Math.floor(order[place]! / length);
    indices[start + place] = index;
    values[start + place] = before[order[place]! - index * length]!;
  }
}
