import { createHash } from 'node:crypto';
import { seededRandom } from '../seeded-random.js';
import type { Kernels } from '../wasm/kernels.js';
import { withArena } from '../wasm/memory.js';
import { BlockFactor, type BlockMatrix } from './block-factor.js';

/** Neither tiles nor what is left of them are whole register blocks. */
const [SIZE, CORE_SIZE, TILE, NUM_USERS] = [101, 23, 37, 211];
/** About one pair in five. */
const SHARE = 0.2;

/**
 * Checksum of a block that is the same everywhere, as these kernels solve it. Builds and processors that
 * round otherwise, as relaxed SIMD may, have another one.
 */
export function probeKernels(kernels: Kernels): string {
  const matrix = probeMatrix();
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const panel = new BlockFactor(arena, matrix, TILE).solve();
      return createHash('sha256')
        .update(arena.bytes(panel, 4 * CORE_SIZE * SIZE))
        .digest('hex');
    }),
  );
}

function probeMatrix(): BlockMatrix {
  const random = seededRandom(24);
  const [indptr, indices, values] = [[0], [] as number[], [] as number[]];
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < NUM_USERS; column++)
      if (random() < SHARE) {
        indices.push(column);
        values.push(0.1 + random());
      }
    indptr.push(indices.length);
  }
  const zt = { indptr: Uint32Array.from(indptr), indices: Uint32Array.from(indices) };
  return {
    zt: { numRows: SIZE, numCols: NUM_USERS, ...zt, values: Float32Array.from(values) },
    ridge: Float32Array.from({ length: SIZE }, () => 5 + random()),
    coreSize: CORE_SIZE,
  };
}
