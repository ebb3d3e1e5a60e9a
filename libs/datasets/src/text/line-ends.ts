/** Where the text behind the last line that surely ends begins: a \r at the end may be followed by \n. */
export function endOfLastLine(text: string): number {
  const end = 1 + text.lastIndexOf('\n');
  return text.includes('\r') ? Math.max(end, 1 + text.lastIndexOf('\r', text.length - 2)) : end;
}

/** Whether the first line of `text` has at most `length` characters. */
export function endsWithin(text: string, length: number): boolean {
  return text.length <= length || /[\r\n]/.test(text.slice(0, length + 1));
}

/** How many lines end in `text`, by \n, \r\n or a lone \r. */
export function countLineEnds(text: string): number {
  if (text.includes('\r')) return text.match(/\r\n?|\n/g)?.length ?? 0;
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Counts lines of text that comes in pieces which may part \r and \n. */
export class LineCounter {
  #ends = 0;
  #endsWithReturn = false;

  /** Number of the line that goes on behind all pieces, from 1. */
  get current(): number {
    return 1 + this.#ends;
  }

  add(text: string): void {
    if (text === '') return;
    this.#ends += countLineEnds(text) - (this.#endsWithReturn && text.startsWith('\n') ? 1 : 0);
    this.#endsWithReturn = text.endsWith('\r');
  }
}
