/** The shortest decimal that is the same float32: JSON then carries no digits that the model does not have. */
export function shortestFloat32(value: number): number {
  const exact = Math.fround(value);
  if (!Number.isFinite(exact)) return exact;
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(exact.toPrecision(digits));
    if (Math.fround(candidate) === exact) return candidate;
  }
  return Number(exact.toPrecision(9));
}
