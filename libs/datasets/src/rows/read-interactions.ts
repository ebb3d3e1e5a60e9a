import { DomainError, type Interaction } from '#domain';
import type { DatasetOptions } from '../dataset.js';
import type { MappedTable } from '../formats/choose-tables.js';
import type { RowChunk } from '../formats/table.js';
import { refusedValue } from '../refused-row.js';
import type { LeftOutRow } from '../summary/left-out.js';
import { InvalidValue } from '../values/invalid-value.js';
import { InteractionReader, type ReadingRules } from './interaction-reader.js';

export interface InteractionChunk {
  readonly interactions: readonly Interaction[];
  readonly leftOut: readonly LeftOutRow[];
  readonly trimmedIds: number;
}

/**
 * Reads all parts, row by row, as they are stored.
 *
 * @throws DomainError `import-row-invalid` for a row that cannot be, unless such rows are left out
 */
export async function* readInteractions(
  parts: readonly MappedTable[],
  rules: ReadingRules,
  options: PartOptions,
): AsyncGenerator<InteractionChunk> {
  for (const part of parts) {
    const reader = new PartReader(part, rules, options);
    for await (const chunk of part.table.read(neededColumns(part))) yield reader.read(chunk);
  }
}

/** Places of the columns that interactions are made of. */
export function neededColumns({ mapping }: MappedTable): readonly number[] {
  return [...Object.values(mapping.columns), ...mapping.dateParts].map(({ index }) => index);
}

type PartOptions = Pick<DatasetOptions, 'skipInvalid'>;

/** Reads the rows of one part. */
export class PartReader {
  readonly #reader: InteractionReader;

  constructor(
    private readonly part: MappedTable,
    rules: ReadingRules,
    private readonly options: PartOptions,
  ) {
    this.#reader = new InteractionReader(part.table, part.mapping, rules);
  }

  /** @throws DomainError `import-row-invalid` */
  read({ rows, lines }: RowChunk): InteractionChunk {
    const reader = this.#reader;
    const interactions: Interaction[] = [];
    const leftOut: LeftOutRow[] = [];
    reader.trimmedIds = 0;
    for (let index = 0; index < rows.length; index++) {
      const line = lines[index]!;
      try {
        const result = reader.read(rows[index]!, line);
        if (typeof result === 'string') leftOut.push(this.#leftOut(result, line, false));
        else interactions.push(result);
      } catch (error) {
        leftOut.push(this.#leftOut(this.#reasonOf(error, line), line, true));
      }
    }
    return { interactions, leftOut, trimmedIds: reader.trimmedIds };
  }

  #leftOut(reason: string, line: number, isInvalid: boolean): LeftOutRow {
    return { reason, line, file: this.part.table.source.name, isInvalid };
  }

  #reasonOf(error: unknown, line: number): string {
    if (!(error instanceof InvalidValue) || error instanceof DomainError) throw error;
    if (!this.options.skipInvalid) throw refusedValue(this.part, line, error);
    return error.message;
  }
}
