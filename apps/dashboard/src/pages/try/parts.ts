/** One part of a score. */
export interface Part {
  readonly itemId: string;
  readonly part: number;
}

/** A piece of the bar that stands for a score, in the unit of scores. */
export interface Segment {
  /** Null for all the small ones together. */
  readonly itemId: string | null;
  readonly part: number;
  readonly from: number;
  readonly to: number;
}

const SHOWN = 5;

/** The largest first, whichever way they go. */
export function bySize(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => Math.abs(b.part) - Math.abs(a.part));
}

/**
 * The bar of a score: what raises it from 0 on to the right, then what lowers it back to the left. It ends at
 * the sum of all parts.
 */
export function segmentsOf(parts: readonly Part[]): Segment[] {
  const raising = gathered(bySize(parts.filter(({ part }) => part > 0)));
  const lowering = gathered(bySize(parts.filter(({ part }) => part < 0)));
  let at = 0;
  return [...raising, ...lowering].map(({ itemId, part }) => {
    const from = at;
    at += part;
    return { itemId, part, from, to: at };
  });
}

function gathered(parts: readonly Part[]): { readonly itemId: string | null; readonly part: number }[] {
  const rest = parts.slice(SHOWN).reduce((sum, { part }) => sum + part, 0);
  return [...parts.slice(0, SHOWN), ...(rest === 0 ? [] : [{ itemId: null, part: rest }])];
}

/** Whether a score is one of the model: those of other sources are on scales of their own. */
export function isOfModel({ source }: { readonly source: string }): boolean {
  return source === 'model' || source === 'tags';
}

/** How far the bar of a score reaches at most. */
export function reachOf(parts: readonly Part[], score: number): number {
  const raised = parts.reduce((sum, { part }) => sum + Math.max(0, part), 0);
  return Math.max(raised, score, 0);
}
