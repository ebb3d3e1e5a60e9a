export interface Line {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

export function fitLine(times: readonly number[], xs: readonly number[], ys: readonly number[]): Line | null;
