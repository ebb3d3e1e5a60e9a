import { lowerBound, seededRandom, type ContrastNodes, type CsrMatrix } from '#sparse';

/** What one step learns from. */
export interface Batch {
  readonly triples: Uint32Array;
  readonly random: () => number;
}

const EPOCH_STRIDE = 0x9e3779b1;

/**
 * Steps of one epoch: all interactions in a random order, each with an item that the user has not,
 * drawn uniformly. Users who have every item are left out. The epoch's number and the seed are all
 * the state there is.
 */
export function* epochBatches(
  matrix: CsrMatrix,
  { seed, epoch, batchSize }: { readonly seed: number; readonly epoch: number; readonly batchSize: number },
): Generator<Batch> {
  const random = seededRandom((seed ^ Math.imul(epoch + 1, EPOCH_STRIDE)) >>> 0);
  const entries = learnableEntries(matrix);
  const owners = entryOwners(matrix);
  shuffle(entries, random);
  for (let start = 0; start < entries.length; start += batchSize) {
    const part = entries.subarray(start, start + batchSize);
    const triples = new Uint32Array(3 * part.length);
    part.forEach((entry, at) => {
      const user = owners[entry]!;
      const negative = drawOther(matrix, user, random);
      triples.set([user, matrix.numRows + matrix.indices[entry]!, matrix.numRows + negative], 3 * at);
    });
    yield { triples, random };
  }
}

function learnableEntries(matrix: CsrMatrix): Uint32Array {
  const owners = entryOwners(matrix);
  const degree = (user: number) => matrix.indptr[user + 1]! - matrix.indptr[user]!;
  return Uint32Array.from({ length: matrix.nnz }, (_, entry) => entry).filter(
    (entry) => degree(owners[entry]!) < matrix.numCols,
  );
}

function entryOwners(matrix: CsrMatrix): Uint32Array {
  const owners = new Uint32Array(matrix.nnz);
  for (let user = 0; user < matrix.numRows; user++)
    owners.fill(user, matrix.indptr[user], matrix.indptr[user + 1]);
  return owners;
}

function shuffle(entries: Uint32Array, random: () => number): void {
  for (let i = entries.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [entries[i], entries[j]] = [entries[j]!, entries[i]!];
  }
}

/** An item outside of a user's row: the n-th of those that are not in it, so that one draw is enough. */
function drawOther(matrix: CsrMatrix, user: number, random: () => number): number {
  const [start, end] = [matrix.indptr[user]!, matrix.indptr[user + 1]!];
  const rank = Math.floor(random() * (matrix.numCols - (end - start)));
  const place = lowerBound(start, end, (at) => matrix.indices[at]! - (at - start) <= rank);
  return rank + (place - start);
}

/**
 * Distinct nodes at the given places of each triple, each weighted by its share of
 * those places times `weight`.
 */
export function distinctNodes(
  triples: Uint32Array,
  places: readonly number[],
  weight: number,
): Pick<ContrastNodes, 'nodes' | 'weights'> {
  const counts = new Map<number, number>();
  for (let start = 0; start < triples.length; start += 3)
    for (const place of places) {
      const node = triples[start + place]!;
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
  const nodes = Uint32Array.from(counts.keys()).sort();
  const share = weight / ((triples.length / 3) * places.length);
  return { nodes, weights: Float32Array.from(nodes, (node) => share * counts.get(node)!) };
}

/** `count` distinct nodes of `first ..< end`, ascending (Floyd's method). */
export function drawNodes(first: number, end: number, count: number, random: () => number): Uint32Array {
  const chosen = new Set<number>();
  for (let bound = end - first - count; bound < end - first; bound++) {
    const node = Math.floor(random() * (bound + 1));
    chosen.add(first + (chosen.has(first + node) ? bound : node));
  }
  return Uint32Array.from(chosen).sort();
}
