import type { ColumnMetaData, DecodedArray, SchemaTree } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { BytesAnywhere } from '../sources/source.js';
import { LARGEST_RATIO, RATIO_FROM_BYTES } from '../sources/unpack.js';
import { parquetParsers } from './parquet-parsers.js';
import { compressors } from './parquet-zstd.js';

const MEBIBYTE = 1024 ** 2;
/** A page is decoded at once: its values and its bytes are memory. */
const MOST_VALUES = 2 ** 20;
const MOST_BYTES = 32 * MEBIBYTE;
/** A column of lists is decoded at once for a row group. */
const MOST_LIST_VALUES = 2 ** 21;
const MOST_LIST_BYTES = 64 * MEBIBYTE;
/** Bytes that are read at a time; a header is seldom larger than a hundred. */
const WINDOW_BYTES = MEBIBYTE / 4;
const LARGEST_HEADER = MEBIBYTE;
/** Each value is at least a letter and what stands behind it, if it is written as text. */
const LEAST_BYTES_OF_VALUE = 2;

const WRITE_AGAIN = 'write it again with row groups of at most 1,000,000 rows and smaller pages';

/** Refuses what grows beyond all measure when it is unpacked, as gzip and zip are. */
export class UnpackedBytes {
  #bytes = 0;

  constructor(private readonly source: { readonly name: string; readonly storedBytes: number }) {}

  /** @throws DomainError `import-source-invalid` before the page is unpacked */
  addPage(bytes: number, values: number): void {
    if (!(values >= 0 && values <= MOST_VALUES && bytes >= 0 && bytes <= MOST_BYTES))
      throw sourceInvalid(
        this.source.name,
        `a page of it has ${values} values in ${bytes} bytes, and ${MOST_VALUES} values and ${MOST_BYTES} bytes are the most; ${WRITE_AGAIN}`,
      );
    this.#bytes += Math.max(bytes, LEAST_BYTES_OF_VALUE * values);
    this.#check(this.#bytes);
  }

  /**
   * Looks at the number of values before any page is read.
   *
   * @throws DomainError `import-source-invalid`
   */
  checkValues(values: number): void {
    this.#check(LEAST_BYTES_OF_VALUE * values);
  }

  #check(bytes: number): void {
    const { name, storedBytes } = this.source;
    if (bytes > RATIO_FROM_BYTES && bytes > LARGEST_RATIO * storedBytes)
      throw sourceInvalid(
        name,
        `unpacked it is more than ${LARGEST_RATIO} times as large; write the rows that are needed as CSV`,
      );
  }

  /** @throws DomainError `import-source-invalid` */
  checkLists(bytes: number, values: number): void {
    if (values > MOST_LIST_VALUES || bytes > MOST_LIST_BYTES)
      throw sourceInvalid(
        this.source.name,
        `a column of lists has ${values} values in ${bytes} bytes in one row group, and ${MOST_LIST_VALUES} values and ${MOST_LIST_BYTES} bytes are the most; ${WRITE_AGAIN}`,
      );
  }
}

type Page = ReturnType<typeof parquetHeader>;

export interface ColumnChunk {
  readonly file: BytesAnywhere;
  readonly column: ColumnMetaData;
  readonly schemaPath: SchemaTree[];
  readonly unpacked: UnpackedBytes;
}

/** The values of one column of a row group, a page at a time. */
export async function* readPages(chunk: ColumnChunk): AsyncGenerator<DecodedArray> {
  const { column, schemaPath } = chunk;
  const decoder = {
    ...{ pathInSchema: column.path_in_schema, type: column.type, codec: column.codec, compressors },
    ...{
      schemaPath,
      element: schemaPath.at(-1)!.element,
      parsers: { ...DEFAULT_PARSERS, ...parquetParsers },
    },
  };
  let dictionary: DecodedArray | undefined;
  for await (const { page, bytes } of walkPages(chunk)) {
    const { data } = readPage({ view: await bytes(), offset: 0 }, page, decoder, dictionary, undefined, 0);
    if (page.type === 'DICTIONARY_PAGE') dictionary = data && convert(data, decoder);
    else if (data) yield data;
  }
}

/**
 * Checks a column chunk that is decoded at once, as one of lists is.
 *
 * @throws DomainError `import-source-invalid` when it is too large for that
 */
export async function checkPages(chunk: ColumnChunk): Promise<void> {
  let [bytes, values] = [0, 0];
  for await (const { page } of walkPages(chunk)) {
    bytes += page.uncompressed_page_size;
    values += valuesOf(page);
  }
  chunk.unpacked.checkLists(bytes, values);
}

interface FoundPage {
  readonly page: Page;
  /** Its bytes as they are stored. */
  readonly bytes: () => Promise<DataView<ArrayBuffer>>;
}

async function* walkPages({ file, column, unpacked }: ColumnChunk): AsyncGenerator<FoundPage> {
  let at = Number(column.dictionary_page_offset ?? 0n) || Number(column.data_page_offset);
  const end = at + Number(column.total_compressed_size);
  const window = new Window(file, end);
  let values = 0n;
  while (at < end && values < column.num_values) {
    const { page, start } = await readHeader(window, at);
    const length = page.compressed_page_size;
    if (!(length >= 0 && start + length <= end)) throw new Error('a page ends behind its column');
    unpacked.addPage(page.uncompressed_page_size, valuesOf(page));
    yield { page, bytes: () => window.view(start, length) };
    if (page.type !== 'DICTIONARY_PAGE') values += BigInt(valuesOf(page));
    at = start + length;
  }
}

function valuesOf(page: Page): number {
  const header = page.data_page_header ?? page.data_page_header_v2 ?? page.dictionary_page_header;
  return header?.num_values ?? 0;
}

async function readHeader(window: Window, at: number): Promise<{ page: Page; start: number }> {
  for (let length = WINDOW_BYTES; ; length *= 2) {
    const reader = { view: await window.view(at, length), offset: 0 };
    try {
      const page = parquetHeader(reader);
      return { page, start: at + reader.offset };
    } catch (error) {
      if (!(error instanceof RangeError) || length >= LARGEST_HEADER) throw error;
    }
  }
}

/** Reads on from place to place with few calls. */
class Window {
  #start = 0;
  #bytes = new ArrayBuffer(0);

  constructor(
    private readonly file: BytesAnywhere,
    private readonly end: number,
  ) {}

  /** `length` bytes from `at` on, or those up to the end. */
  async view(at: number, length: number): Promise<DataView<ArrayBuffer>> {
    const to = Math.min(at + length, this.end);
    if (at < this.#start || to > this.#start + this.#bytes.byteLength) {
      this.#bytes = await this.file.slice(at, Math.min(Math.max(to, at + WINDOW_BYTES), this.end));
      this.#start = at;
    }
    return new DataView(this.#bytes, at - this.#start, to - at);
  }
}
