import type { CsrMatrix } from '#sparse';

export interface CoreLimits {
  /** Least number of liked items of a user. */
  readonly minUser: number;
  /** Least number of users who like an item. */
  readonly minItem: number;
}

/** 1 for each user and item that stays. */
export interface Core {
  readonly users: Uint8Array;
  readonly items: Uint8Array;
}

/**
 * The largest part of a matrix in which every user has at least `minUser` likes and every item is liked by at
 * least `minItem` users. Whatever has fewer is taken out with its likes until nothing has; the order of that
 * makes no difference (Batagelj and Zaveršnik 2003). A value of 0 is no like.
 */
export function coreOf(matrix: CsrMatrix, { minUser, minItem }: CoreLimits): Core {
  const { numRows, numCols, indptr, indices } = neighboursOf(matrix.withoutZeros());
  const stays = new Uint8Array(numRows + numCols).fill(1);
  const degrees = Uint32Array.from(stays, (_, node) => indptr[node + 1]! - indptr[node]!);
  const leaving: number[] = [];
  const check = (node: number) => {
    if (!stays[node] || degrees[node]! >= (node < numRows ? minUser : minItem)) return;
    stays[node] = 0;
    leaving.push(node);
  };
  degrees.forEach((_, node) => check(node));
  for (let node = leaving.pop(); node !== undefined; node = leaving.pop()) {
    for (const neighbour of indices.subarray(indptr[node], indptr[node + 1])) {
      degrees[neighbour]!--;
      check(neighbour);
    }
  }
  return { users: stays.slice(0, numRows), items: stays.slice(numRows) };
}

/** Users, then items, as nodes of one graph: those that like one another are neighbours. */
function neighboursOf({ numRows, numCols, indptr: rows, indices: cols, nnz }: CsrMatrix) {
  const indptr = new Uint32Array(numRows + numCols + 1);
  indptr.set(rows);
  for (const item of cols) indptr[numRows + item + 1]!++;
  for (let node = numRows; node < numRows + numCols; node++) indptr[node + 1]! += indptr[node]!;
  const indices = new Uint32Array(2 * nnz);
  const next = indptr.slice();
  for (let user = 0; user < numRows; user++) {
    for (let e = rows[user]!; e < rows[user + 1]!; e++) {
      indices[e] = numRows + cols[e]!;
      indices[next[numRows + cols[e]!]!++] = user;
    }
  }
  return { numRows, numCols, indptr, indices };
}
