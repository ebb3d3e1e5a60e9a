import type { CsrMatrix } from '#sparse';
import type { Split } from './split.js';

/**
 * How unlike a random draw the items of a test part are: the mean over items of (t_i − p·c_i)² / (p·(1 −
 * p)·c_i), where item i has t_i of its c_i interactions in the test part and p is the share of all that are
 * there. About 1 for a draw at random (Pearson's χ² over its degrees of freedom), above it when the test part
 * leans to some items, as one of later days does. What a random validation part prefers may then not be the
 * best on the test part. 0 where one of the parts is empty.
 */
export function testDispersion({ train, test }: Split): number {
  const share = test.nnz / (train.nnz + test.nnz);
  if (train.nnz === 0 || test.nnz === 0) return 0;
  const [inTrain, inTest] = [countsOf(train), countsOf(test)];
  let [sum, numItems] = [0, 0];
  for (let item = 0; item < train.numCols; item++) {
    const count = inTrain[item]! + inTest[item]!;
    if (count === 0) continue;
    sum += (inTest[item]! - share * count) ** 2 / (share * (1 - share) * count);
    numItems++;
  }
  return sum / numItems;
}

function countsOf({ indices, numCols }: CsrMatrix): Uint32Array {
  const counts = new Uint32Array(numCols);
  for (const item of indices) counts[item]!++;
  return counts;
}
