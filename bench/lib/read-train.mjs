import { openSources, pairsOf, readEvents, understand } from '../../dist/libs/datasets/src/index.js';

/** The user-item matrix of a file with one user a line, `user item item …`. */
export async function readTrain(path) {
  const sources = await openSources(path);
  try {
    const dataset = await understand(sources, { format: 'train.txt', clockToleranceSeconds: 0 });
    return pairsOf((await readEvents([dataset])).parts[0]).matrix;
  } finally {
    await sources.dispose();
  }
}
