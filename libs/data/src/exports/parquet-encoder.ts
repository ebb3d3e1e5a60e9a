import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import type { ExportedTable } from './export.sql.js';

/** What is written as Parquet: a table of a catalog, or lists of users. */
export type ParquetTable = ExportedTable | 'lists';

const ROWS_PER_GROUP = 20_000;

type Kind = 'text' | 'texts' | 'json' | 'boolean' | 'integer' | 'float' | 'time';

interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly isOptional?: boolean;
}

const COLUMNS: Readonly<Record<ParquetTable, readonly Column[]>> = {
  interactions: [
    { name: 'userId', kind: 'text' },
    { name: 'itemId', kind: 'text' },
    { name: 'type', kind: 'text' },
    { name: 'weight', kind: 'float' },
    { name: 'occurredAt', kind: 'time' },
  ],
  items: [
    { name: 'itemId', kind: 'text' },
    { name: 'title', kind: 'text', isOptional: true },
    { name: 'tags', kind: 'texts' },
    { name: 'available', kind: 'boolean' },
    { name: 'createdAt', kind: 'time' },
    { name: 'deletedAt', kind: 'time', isOptional: true },
    { name: 'metadata', kind: 'json' },
  ],
  users: [
    { name: 'userId', kind: 'text' },
    { name: 'training', kind: 'boolean' },
    { name: 'personal', kind: 'boolean' },
    { name: 'tags', kind: 'texts' },
    { name: 'metadata', kind: 'json' },
  ],
  lists: [
    { name: 'userId', kind: 'text' },
    { name: 'rank', kind: 'integer' },
    { name: 'itemId', kind: 'text' },
    { name: 'score', kind: 'float' },
    { name: 'source', kind: 'text' },
    { name: 'personalised', kind: 'boolean' },
  ],
};

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

const TYPES: Readonly<Record<Exclude<Kind, 'texts'>, Partial<SchemaElement>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT32' },
  float: { type: 'FLOAT' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
};

function elementsOf({ name, kind, isOptional = false }: Column): SchemaElement[] {
  if (kind === 'texts')
    return [
      { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...TYPES.text },
    ];
  return [{ name, repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED', ...TYPES[kind] }];
}

/** Encodes JSON lines of one table as Parquet, a group of rows at a time. */
export class ParquetEncoder {
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  /** Bytes of a line whose end has not come yet. */
  #rest: Uint8Array = new Uint8Array();
  #cells: unknown[][];
  #rows = 0;

  constructor(table: ParquetTable) {
    this.#columns = COLUMNS[table];
    this.#cells = this.#columns.map(() => []);
    const root = { name: 'root', num_children: this.#columns.length };
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [root, ...this.#columns.flatMap(elementsOf)],
      createdBy: 'sparserec',
    });
  }

  /** @returns what can be written; empty until a group is full */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : Buffer.from(chunk);
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#rest = Uint8Array.from(bytes.subarray(end));
    if (end > 0) for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) this.#add(line);
    return this.#take();
  }

  /** @returns the last group and the end of the file */
  end(): Uint8Array {
    this.#writeGroup();
    void this.#writer.finish();
    return this.#take();
  }

  #add(line: string): void {
    const row = JSON.parse(line) as Record<string, unknown>;
    for (const [place, { name, kind }] of this.#columns.entries()) {
      const value = row[name];
      this.#cells[place]!.push(kind === 'time' && typeof value === 'number' ? BigInt(value) : value);
    }
    if (++this.#rows === ROWS_PER_GROUP) this.#writeGroup();
  }

  #writeGroup(): void {
    if (this.#rows === 0) return;
    const columnData: ColumnSource[] = this.#columns.map(({ name }, place) => ({
      name,
      data: this.#cells[place]!,
    }));
    void this.#writer.write({ columnData, rowGroupSize: this.#rows });
    this.#cells = this.#columns.map(() => []);
    this.#rows = 0;
  }

  #take(): Uint8Array {
    const taken = Uint8Array.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return taken;
  }
}
