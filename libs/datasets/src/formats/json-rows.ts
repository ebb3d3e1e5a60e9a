import { isNestedWithin } from '#domain';
import { refusedRow, type RowPlace } from '../refused-row.js';
import type { TextPiece } from '../text/read-text.js';
import { InvalidValue } from '../values/invalid-value.js';
import { MOST_LEVELS } from '../values/json.js';
import type { Row, RowChunk } from './table.js';

/** A row that could not be read; it says so to whoever looks at it, who may then leave it out. */
export class BrokenRow {
  constructor(readonly reason: string) {}
}

const NO_JSON = 'not valid JSON; write one object a line, or one array of all objects';

/** Objects, one a line. */
export async function* readJsonLines(pieces: AsyncIterable<TextPiece>): AsyncGenerator<RowChunk> {
  for await (const { text, line } of pieces) {
    const rows: Row[] = [];
    const lines: number[] = [];
    for (const [index, json] of text.split(/\r\n|\n|\r/).entries()) {
      if (json.trim() === '') continue;
      rows.push(parseObject(json));
      lines.push(line + index);
    }
    yield { rows, lines };
  }
}

function parseObject(json: string): Row {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return brokenRow('not a JSON object');
    if (!isNestedWithin(MOST_LEVELS, value))
      return brokenRow(`more than ${MOST_LEVELS} objects and lists inside of each other`);
    return value as Row;
  } catch {
    return brokenRow(NO_JSON);
  }
}

/** A row that is refused by its number, or left out. */
export function brokenRow(reason: string): Row {
  return new BrokenRow(reason) as unknown as Row;
}

/** @throws InvalidValue when the row could not be read */
export function requireRow(row: Row): void {
  if (row instanceof BrokenRow) throw new InvalidValue(row.reason);
}

const MAX_OBJECT_LENGTH = 1024 * 1024;
const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c,
];

/** The objects of one array, which are numbered from 1: often all of them are on one line. */
export class JsonArrayReader {
  #text = '';
  #at = 0;
  #depth = 0;
  #start = -1;
  #row = 0;
  #inString = false;
  #escaped = false;
  #ended = false;

  constructor(private readonly name: string) {}

  /** @returns the objects that end within the text */
  take(text: string): RowChunk {
    this.#text += text;
    const rows: Row[] = [];
    const lines: number[] = [];
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (!this.#passString(code) && this.#passStructure(code)) {
        rows.push(parseObject(this.#text.slice(this.#start, this.#at + 1)));
        lines.push(++this.#row);
        this.#start = -1;
      }
    }
    this.#forgetRead();
    return { rows, lines };
  }

  end(): void {
    if (!this.#ended) throw refusedRow(this.#place(), 'the JSON array is not closed; is the file whole?');
  }

  /** @returns true within a string */
  #passString(code: number): boolean {
    if (!this.#inString) {
      if (code !== QUOTE || this.#depth === 0) return false;
      this.#inString = true;
    } else if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
    return true;
  }

  /** @returns true when an object of the array ends here */
  #passStructure(code: number): boolean {
    if (code === OPEN || code === OPEN_LIST) {
      if (code === OPEN && this.#depth === 1) this.#start = this.#at;
      else if (this.#depth === 1 || (this.#depth === 0 && (this.#ended || code === OPEN))) this.#refuse();
      this.#depth++;
    } else if (code === CLOSE || code === CLOSE_LIST) {
      this.#depth--;
      this.#ended ||= this.#depth === 0;
      return this.#depth === 1;
    } else if (this.#depth <= 1 && code > 0x20 && code !== COMMA && code !== 0xfeff) this.#refuse();
    return false;
  }

  #place(): RowPlace {
    return { name: this.name, line: this.#row + 1, unit: 'row' };
  }

  #refuse(): never {
    throw refusedRow(this.#place(), 'a JSON array must have nothing but objects in it');
  }

  #forgetRead(): void {
    const from = this.#start < 0 ? this.#at : this.#start;
    this.#text = this.#text.slice(from);
    this.#at -= from;
    if (this.#start >= 0) this.#start = 0;
    if (this.#text.length > MAX_OBJECT_LENGTH)
      throw refusedRow(this.#place(), 'an object is longer than 1 MiB; leave out what is not needed');
  }
}
