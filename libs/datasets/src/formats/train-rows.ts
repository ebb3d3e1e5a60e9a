import type { TextPiece } from '../text/read-text.js';
import type { Row, RowChunk } from './table.js';

const NAMED_SO = /(^|[-_.])(train|test|valid|validation)\.txt$/i;
const SEPARATORS = /[\s,]+/;

/** True of `train.txt`, `test.txt`, `gowalla-train.txt` and the like. */
export function isNamedTrain(fileName: string): boolean {
  return NAMED_SO.test(fileName);
}

/** One user a line, `user item item …`, as rows of a user and an item. */
export async function* readTrainLines(pieces: AsyncIterable<TextPiece>): AsyncGenerator<RowChunk> {
  for await (const { text, line } of pieces) {
    const rows: Row[] = [];
    const lines: number[] = [];
    for (const [index, words] of text.split(/\r\n|\n|\r/).entries()) {
      const [user, ...items] = splitTrainLine(words);
      for (const item of items) {
        rows.push([user, item] as unknown as Row);
        lines.push(line + index);
      }
    }
    yield { rows, lines };
  }
}

export function splitTrainLine(line: string): string[] {
  return line.split(SEPARATORS).filter((word) => word !== '');
}

/** True of `user item rating [time]`: such a file is no list of items of users. */
export function isRatingLine(words: readonly string[]): boolean {
  const [, , rating = '', ...rest] = words;
  return words.length <= 4 && /^\d+(\.\d+)?$/.test(rating) && Number(rating) <= 100 && rest.every(isNumber);
}

function isNumber(word: string): boolean {
  return /^\d+(\.\d+)?$/.test(word);
}
