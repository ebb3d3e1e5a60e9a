import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { DomainError } from '#domain';
import { CsrMatrix } from '#sparse';

/**
 * Interactions of the benchmark format, one user a line: `user item item …`, all whole numbers from 0; a
 * pair may come again.
 */
export interface BenchmarkFile {
  readonly users: readonly number[];
  readonly items: readonly number[];
}

/** @throws DomainError `import-row-invalid` with the line that cannot be read */
export async function readBenchmarkFile(path: string): Promise<BenchmarkFile> {
  const users: number[] = [];
  const items: number[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line++;
    const [user, ...row] = text.split(/\s+/).filter((word) => word !== '');
    if (user === undefined) continue;
    const key = parseIndex(user, path, line);
    for (const item of row) {
      users.push(key);
      items.push(parseIndex(item, path, line));
    }
  }
  return { users, items };
}

const MAX_INDEX = 100_000_000;

function parseIndex(word: string, path: string, line: number): number {
  const index = /^\d{1,9}$/.test(word) ? Number(word) : NaN;
  if (index <= MAX_INDEX) return index;
  throw new DomainError(
    'import-row-invalid',
    `${path}, line ${line}: "${word.slice(0, 40)}" is not a whole number from 0`,
    {
      extensions: { row: line },
    },
  );
}

/** Training and test part over the same users and items. */
export interface Split {
  readonly train: CsrMatrix;
  readonly test: CsrMatrix;
}

/** Reads both files of a benchmark into matrices of one shape. */
export async function readBenchmarkSplit(trainPath: string, testPath: string): Promise<Split> {
  const [train, test] = toMatrices([await readBenchmarkFile(trainPath), await readBenchmarkFile(testPath)]);
  return { train: train!, test: test! };
}

/** Reads one file into a matrix. */
export async function readBenchmarkMatrix(path: string): Promise<CsrMatrix> {
  return toMatrices([await readBenchmarkFile(path)])[0]!;
}

/** One matrix a file, all as large as the largest index of any asks for. */
function toMatrices(files: readonly BenchmarkFile[]): CsrMatrix[] {
  const numUsers = 1 + largest(files.map((file) => file.users));
  const numItems = 1 + largest(files.map((file) => file.items));
  return files.map((file) => fromPairs(file, numUsers, numItems));
}

function largest(lists: readonly (readonly number[])[]): number {
  return lists.flat().reduce((max, index) => Math.max(max, index), -1);
}

function fromPairs({ users, items }: BenchmarkFile, numRows: number, numCols: number): CsrMatrix {
  const pairs = users.map((user, e) => user * numCols + items[e]!).sort((a, b) => a - b);
  const distinct = pairs.filter((pair, e) => pair !== pairs[e - 1]);
  const rows = distinct.map((pair) => Math.floor(pair / numCols));
  const cols = distinct.map((pair) => pair % numCols);
  return CsrMatrix.fromCoo({ numRows, numCols, rows, cols });
}
