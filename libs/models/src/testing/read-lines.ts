import { readFileSync } from 'node:fs';
import { CsrMatrix } from '#sparse';

/** A matrix of lines `user item item …` of whole numbers. */
export function readLines(path: string): CsrMatrix {
  const lines = readFileSync(path, 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const [user, ...items] = line.split(' ').filter(Boolean).map(Number);
    return [...new Set(items)].map((item) => [user!, item] as const);
  });
  const [rows, cols] = [pairs.map(([user]) => user), pairs.map(([, item]) => item)];
  const size = (numbers: readonly number[]) =>
    1 + numbers.reduce((most, number) => Math.max(most, number), -1);
  return CsrMatrix.fromCoo({ numRows: size(rows), numCols: size(cols), rows, cols });
}
