import { isNestedWithin } from '#domain';

/** What is deeper would overflow the stack of what looks at it. */
export const MOST_LEVELS = 64;

/** @returns undefined where a text is no JSON, or is nested deeper than `MOST_LEVELS` */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isNestedWithin(MOST_LEVELS, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
