/** The same numbers for the same seed, evenly from 0 to 1. */
export function randomNumbers(seed = 1) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
