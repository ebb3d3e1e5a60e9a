/**
 * The first place of `from ..< to` that is not below what is looked for, or `to` if all are; those that are
 * below it come first.
 */
export function lowerBound(from: number, to: number, isBelow: (place: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
