import {
  computeGram,
  ComputeThreads,
  CsrMatrix,
  diagonalOfSandwich,
  DenseMatrix,
  invertPositiveDefinite,
  GRAM,
  GramProducts,
  largestPerRow,
  rankRows,
  SingularMatrixError,
  SymmetricMatrix,
  SymmetricStrips,
} from '../index.js';

/** Several tiles a side, the last one not full, popular columns first, an empty row and an empty column. */
function sampleMatrix(numRows: number, numCols: number): CsrMatrix {
  const entries = Array.from({ length: numRows * 6 }, (_, e) => ({
    row: 1 + (e % (numRows - 1)),
    col: Math.floor((((e * 7919) % 10_007) / 10_007) ** 2 * (numCols - 1)),
  }));
  const pairs = [...new Map(entries.map((entry) => [`${entry.row},${entry.col}`, entry])).values()];
  return CsrMatrix.fromCoo({
    numRows,
    numCols,
    rows: pairs.map(({ row }) => row),
    cols: pairs.map(({ col }) => col),
  });
}

async function withThreads<Result>(
  threads: number,
  work: (compute: ComputeThreads) => Promise<Result>,
): Promise<Result> {
  const compute = new ComputeThreads({ threads });
  try {
    return await work(compute);
  } finally {
    compute.close();
  }
}

/** Everything that threads compute, as plain arrays. */
async function computeAll(compute: ComputeThreads) {
  const x = sampleMatrix(90, 130);
  const inner = SymmetricMatrix.allocate(x.numRows, { tileSize: 16 });
  inner.addToDiagonal(0.01);
  const inverse = await computeGram(compute, x, { tileSize: 16 });
  inverse.addToDiagonal(3);
  await invertPositiveDefinite(compute, inverse);
  const scaling = { columns: inverse.diagonal().map((value) => -1 / value) };
  const strips = { matrix: SymmetricStrips.of(inverse), scaling };
  const largest = await largestPerRow(compute, strips, 9);
  return {
    inverse: inverse
      .share()
      .tiles.flat()
      .map((tile) => [...tile]),
    largest: { indices: [...largest.indices], values: [...largest.values] },
    ranked: await rankRows(compute, x, strips, 7),
    diagonal: await diagonalOfSandwich(compute, x, inner),
    ofSandwich: await rankRows(
      compute,
      x,
      {
        matrix: SymmetricStrips.sandwich(compute.kernels, x, inner),
        scaling: { columns: new Float32Array(x.numCols).fill(1) },
      },
      7,
    ),
  };
}

describe('compute threads', () => {
  it('give the same bits, however many they are', async () => {
    const alone = await withThreads(1, computeAll);
    for (const threads of [2, 3, 8]) expect(await withThreads(threads, computeAll)).toEqual(alone);
  });

  it('report a share of the work that never falls and ends at 1', async () => {
    const shares: number[] = [];
    await withThreads(2, async (compute) => {
      const matrix = await computeGram(compute, sampleMatrix(40, 100), { tileSize: 16 });
      matrix.addToDiagonal(1);
      await invertPositiveDefinite(compute, matrix, { onProgress: (share) => shares.push(share) });
    });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('fail with the reason of a task, and can be used again', async () => {
    await withThreads(2, async (compute) => {
      const matrix = SymmetricMatrix.allocate(100, { tileSize: 16 });
      const values = new Float32Array(100).fill(1);
      values[90] = -1;
      matrix.addToDiagonal(values);
      await expect(invertPositiveDefinite(compute, matrix)).rejects.toEqual(new SingularMatrixError(90));
      const gram = await computeGram(compute, sampleMatrix(40, 100), { tileSize: 16 });
      expect(gram.get(0, 0)).toBeGreaterThan(0);
    });
  });

  it('reject what they are doing when they are closed', async () => {
    const compute = new ComputeThreads({ threads: 2 });
    const matrix = await computeGram(compute, sampleMatrix(100, 400), { tileSize: 8 });
    matrix.addToDiagonal(1);
    const inverting = invertPositiveDefinite(compute, matrix);
    compute.close();
    await expect(inverting).rejects.toThrow(/compute thread stopped/);
  });
});

describe('an operation that stays open', () => {
  const x = sampleMatrix(40, 100);
  const q = DenseMatrix.zeros(100, 40);
  q.values.forEach((_, e) => (q.values[e] = (e * 7919) % 13));

  it('serves several runs beside other operations, and gives its memory back', async () => {
    const expected = await withThreads(1, (compute) => new GramProducts(compute, x).apply(GRAM, [q]));
    await withThreads(2, async (compute) => {
      const [one, other] = [new GramProducts(compute, x), new GramProducts(compute, x)];
      for (let run = 0; run < 3; run++) {
        expect(await one.apply(GRAM, [q])).toEqual(expected);
        await computeGram(compute, x, { tileSize: 16 });
        expect(await other.apply(GRAM, [q])).toEqual(expected);
      }
      await one.close();
      expect(
        await Promise.all([other.apply(GRAM, [q]), computeGram(compute, x, { tileSize: 16 })]),
      ).toHaveLength(2);
      await other.close();
    });
  });

  it('opens again in fresh threads after others failed, and closes without them', async () => {
    await withThreads(2, async (compute) => {
      const products = new GramProducts(compute, x);
      const expected = await products.apply(GRAM, [q]);
      const singular = SymmetricMatrix.allocate(100, { tileSize: 16 });
      await expect(invertPositiveDefinite(compute, singular)).rejects.toThrow(SingularMatrixError);
      expect(await products.apply(GRAM, [q])).toEqual(expected);
      compute.close();
      await products.close();
    });
  });
});

describe('a sandwich XᵀKX', () => {
  it('has the strips and the diagonal of the whole product', async () => {
    const x = sampleMatrix(30, 50);
    await withThreads(1, async (compute) => {
      const inner = await computeGram(compute, sampleMatrix(20, 30), { tileSize: 8 });
      const at = (i: number, j: number) => {
        let sum = 0;
        for (let u = 0; u < 30; u++)
          for (let v = 0; v < 30; v++) sum += dense(u, i) * inner.get(u, v) * dense(v, j);
        return sum;
      };
      const dense = (row: number, col: number) => x.row(row).values[x.row(row).indices.indexOf(col)] ?? 0;
      const strips = SymmetricStrips.sandwich(compute.kernels, x, inner);
      const columns = new Float32Array(50).fill(1);
      const largest = await largestPerRow(compute, { matrix: strips, scaling: { columns } }, 50);
      for (let j = 0; j < 50; j++) {
        const row = largest.row(j);
        for (let k = 0; k < 50; k++)
          if (k !== j) expect(row.values[row.indices.indexOf(k)] ?? 0).toBeCloseTo(at(j, k), 3);
      }
      const diagonal = await diagonalOfSandwich(compute, x, inner);
      diagonal.forEach((value, j) => expect(value).toBeCloseTo(at(j, j), 3));
    });
  });
});
