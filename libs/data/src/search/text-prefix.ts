/** More than any text that is searched has. */
const MOST_CHARACTERS = 1_024;

/**
 * Condition that a text begins with another one, by the order of bytes: an index of the text in the collation
 * C finds the rows, also where the other text is known when the statement runs only, as LIKE would not.
 *
 * @param text in the collation C
 */
export function beginsWith(text: string, prefix: string): string {
  return `${text} >= ${prefix} AND ${text} < ${prefix} || repeat(chr(1114111), ${MOST_CHARACTERS})`;
}
