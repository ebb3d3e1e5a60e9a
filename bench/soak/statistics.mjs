/** How fast a series grows, by samples that are not independent of each other. */

/**
 * So few that a block is longer than garbage collections, runs, checkpoints and vacuums: means of such blocks
 * are nearly independent of each other, which samples ten seconds apart are not.
 */
const NUM_BLOCKS = 8;
/** Student's t, 97.5 %, for the NUM_BLOCKS − 2 degrees of freedom of a line. */
const T = 2.446_912;

/**
 * The line y = a + slope·x through the means of blocks, by least squares.
 *
 * @param times ascending; by them the samples are parted into blocks of equal length
 * @returns `slope` with its 95 % interval, and the mean of y; null of less than a sample a block
 */
export function fitLine(times, xs, ys) {
  const blocks = partInto(NUM_BLOCKS, times);
  if (blocks.some((block) => block.length === 0)) return null;
  const meansOf = (values) => blocks.map((block) => mean(block.map((n) => values[n])));
  const [x, y] = [meansOf(xs), meansOf(ys)];
  const [middleX, middleY] = [mean(x), mean(y)];
  const spread = sum(x.map((value) => (value - middleX) ** 2));
  if (spread === 0) return null;
  const slope = sum(x.map((value, n) => (value - middleX) * (y[n] - middleY))) / spread;
  const squares = sum(x.map((value, n) => (y[n] - middleY - slope * (value - middleX)) ** 2));
  const half = T * Math.sqrt(squares / (NUM_BLOCKS - 2) / spread);
  return { slope, low: slope - half, high: slope + half, mean: middleY };
}

/** @returns for each block the numbers of its samples */
function partInto(numBlocks, times) {
  const blocks = Array.from({ length: numBlocks }, () => []);
  const [first, span] = [times[0], times.at(-1) - times[0]];
  for (const [n, time] of times.entries())
    blocks[Math.min(numBlocks - 1, Math.floor((numBlocks * (time - first)) / span))]?.push(n);
  return blocks;
}

function mean(values) {
  return sum(values) / values.length;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
