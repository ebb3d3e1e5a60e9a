import { isHeader } from '../columns/mapping.js';
import { BLANKS } from './delimited-rows.js';

const CANDIDATES = ['::', '\t', ';', '|', ','];
/** Lines that are looked at. */
const LINES = 100;

/** What stands between two cells; `\t` is a tab, which is hard to type. */
export function parseDelimiter(text: string): string {
  return text.replace('\\t', '\t');
}

/** Whether cells between such delimiters may be enclosed in quotes: not so in TSV and MovieLens. */
export function isQuoted(delimiter: string): boolean {
  return delimiter === ',' || delimiter === ';';
}

/** The cells of a line; the quotes of a cell that is enclosed in them are cut off. */
export function splitLine(line: string, delimiter: string): string[] {
  if (delimiter === ' ') return line.trim().split(BLANKS);
  if (!isQuoted(delimiter) || !line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  let [start, isInside] = [0, false];
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '"') isInside = !isInside;
    else if (at === line.length || (!isInside && line[at] === delimiter)) {
      cells.push(line.slice(start, at));
      start = at + 1;
    }
  }
  return cells.map((cell) => cell.replace(/^\s*"(.*)"\s*$/s, '$1').replaceAll('""', '"'));
}

/**
 * What stands between the cells: the delimiter of which the first line makes a header that is understood,
 * else the one that gives most lines as many cells as the first, else the one that gives more cells. Blanks
 * only if nothing else does.
 */
export function findDelimiter(lines: readonly string[]): string | null {
  const first = lines[0]!;
  const scored = CANDIDATES.filter((candidate) => splitLine(first, candidate).length > 1).map(
    (candidate) => ({
      candidate,
      score: scoreOf(lines.slice(0, LINES), candidate),
    }),
  );
  const [best] = scored.sort((one, other) => other.score - one.score);
  if (best) return best.candidate;
  return BLANKS.test(first.trim()) ? ' ' : null;
}

function scoreOf(lines: readonly string[], delimiter: string): number {
  const [first, ...others] = lines.map((line) => splitLine(line, delimiter));
  const alike = others.filter((cells) => cells.length === first!.length).length;
  const share = others.length === 0 ? 1 : alike / others.length;
  return (isHeader(first!) ? 1e6 : 0) + share * 1e3 + Math.min(first!.length, 999);
}
