import type { Line } from './statistics.mjs';

export interface Growth {
  readonly rows: Readonly<Record<string, { readonly rows: number; readonly line: Line | null }>>;
  readonly others: Readonly<Record<string, Line | null>>;
}

export function growthOf(samples: readonly object[], warmUpSeconds: number): Growth;
