import { CsrMatrix, seededRandom } from '#sparse';

/** Training and test part over the same users and items. */
export interface Split {
  readonly train: CsrMatrix;
  readonly test: CsrMatrix;
}

/**
 * Holds out `fraction` of each user's likes at random, at least one of users with two or more; the rest is
 * for training, as are items of value 0, which were seen and not liked.
 */
export function holdOut(
  matrix: CsrMatrix,
  options: { readonly fraction: number; readonly seed: number },
): Split {
  const random = seededRandom(options.seed);
  const isTest = new Uint8Array(matrix.nnz);
  for (let user = 0; user < matrix.numRows; user++) {
    const start = matrix.indptr[user]!;
    const { values } = matrix.row(user);
    const liked = [...values.keys()].filter((offset) => values[offset] !== 0);
    const count = liked.length < 2 ? 0 : Math.max(1, Math.round(liked.length * options.fraction));
    for (const place of sample(liked.length, count, random)) isTest[start + liked[place]!] = 1;
  }
  return {
    train: matrix.filter((e) => isTest[e] === 0),
    test: matrix.filter((e) => isTest[e] === 1),
  };
}

/** `count` rows of a matrix, or all where it has no more, in their order. */
export function sampleRows(matrix: CsrMatrix, count: number, seed: number): CsrMatrix {
  if (count >= matrix.numRows) return matrix;
  return pickRows(
    matrix,
    sample(matrix.numRows, count, seededRandom(seed)).sort((a, b) => a - b),
  );
}

/** Some rows of a matrix, in the given order. */
export function pickRows(matrix: CsrMatrix, rows: readonly number[]): CsrMatrix {
  const count = rows.length;
  const indptr = new Uint32Array(count + 1);
  rows.forEach(
    (row, position) => (indptr[position + 1] = indptr[position]! + matrix.row(row).indices.length),
  );
  const [indices, values] = [new Uint32Array(indptr[count]!), new Float32Array(indptr[count]!)];
  rows.forEach((row, position) => {
    const entries = matrix.row(row);
    indices.set(entries.indices, indptr[position]);
    values.set(entries.values, indptr[position]);
  });
  return new CsrMatrix({ numRows: count, numCols: matrix.numCols, indptr, indices, values });
}

/** Their intervals are narrow already, and more take longer than a large model's fit. */
const MOST_MEASURED_USERS = 20_000;

/** The same split, with the test items of 20,000 users at most, which the seed chooses. */
export function limitTestUsers({ train, test }: Split, seed: number): Split {
  const users = usersOf(test);
  if (users.length <= MOST_MEASURED_USERS) return { train, test };
  const isKept = new Uint8Array(test.nnz);
  for (const place of sample(users.length, MOST_MEASURED_USERS, seededRandom(seed)))
    isKept.fill(1, test.indptr[users[place]!], test.indptr[users[place]! + 1]);
  return { train, test: test.filter((entry) => isKept[entry] === 1) };
}

/** Rows that are not empty. */
export function usersOf({ numRows, indptr }: CsrMatrix): number[] {
  return Array.from({ length: numRows }, (_, row) => row).filter((row) => indptr[row + 1]! > indptr[row]!);
}

/** `count` of 0 … length − 1 without repetition, by a partial Fisher–Yates shuffle. */
function sample(length: number, count: number, random: () => number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (length - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, count);
}
