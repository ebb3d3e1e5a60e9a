/** Row i, column j: how much item i speaks for item j; 0 where it does not. */
export type Scores = readonly (readonly number[])[];

/**
 * How close the items of a neighbourhood are, from 0 to 1. With a_ij the mean of what i says of j and j of i,
 * each as a share of the most that it says of any, and a_ii = 1:
 *
 *   c_ij = a_i·a_j / (|a_i|·|a_j|)
 *
 * So two items are close if they go with the same items. A score alone says little of a pair: a model such as
 * `ease` gives what two items have in common to one of them.
 */
export function closenessOf(scores: Scores): number[][] {
  const mutual = mutualOf(scores);
  const lengths = mutual.map((row) => Math.sqrt(dot(row, row)));
  return mutual.map((row, i) =>
    mutual.map((other, j) => (i === j ? 1 : dot(row, other) / (lengths[i]! * lengths[j]!))),
  );
}

function mutualOf(scores: Scores): number[][] {
  const shares = scores.map((row, i) => {
    const most = Math.max(...row.filter((_, j) => j !== i), Number.MIN_VALUE);
    return row.map((score) => Math.max(score, 0) / most);
  });
  return shares.map((row, i) => row.map((share, j) => (i === j ? 1 : (share + shares[j]![i]!) / 2)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, place) => sum + value * b[place]!, 0);
}
