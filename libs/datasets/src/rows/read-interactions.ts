import { DomainError, type Interaction } from '#domain';
import type { DatasetOptions } from '../dataset.js';
import type { MappedTable } from '../formats/choose-tables.js';
import type { RowChunk, Table } from '../formats/table.js';
import { refusedRow } from '../refused-row.js';
import { InvalidValue } from '../values/invalid-value.js';
import { InteractionReader, type ReadingRules } from './interaction-reader.js';

/** A row that is not stored. */
export interface LeftOutRow {
  readonly reason: string;
  readonly line: number;
  readonly file: string;
  /** True if it cannot be stored. */
  readonly isInvalid: boolean;
}

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
  { skipInvalid = false }: Pick<DatasetOptions, 'skipInvalid'>,
): AsyncGenerator<InteractionChunk> {
  for (const { table, mapping } of parts) {
    const reader = new InteractionReader(table, mapping, rules);
    const needed = [...Object.values(mapping.columns), ...mapping.dateParts].map(({ index }) => index);
    for await (const chunk of table.read(needed))
      yield readChunk(chunk, reader, { file: table.source.name, unit: table.unit, skipInvalid });
  }
}

interface ChunkOptions {
  readonly file: string;
  readonly unit: Table['unit'];
  readonly skipInvalid: boolean;
}

function readChunk(
  { rows, lines }: RowChunk,
  reader: InteractionReader,
  { file, unit, skipInvalid }: ChunkOptions,
): InteractionChunk {
  const interactions: Interaction[] = [];
  const leftOut: LeftOutRow[] = [];
  reader.trimmedIds = 0;
  for (let index = 0; index < rows.length; index++) {
    const line = lines[index]!;
    try {
      const result = reader.read(rows[index]!, line);
      if (typeof result === 'string') leftOut.push({ reason: result, line, file, isInvalid: false });
      else interactions.push(result);
    } catch (error) {
      if (!(error instanceof InvalidValue) || error instanceof DomainError) throw error;
      if (!skipInvalid) throw refusedRow({ name: file, line, unit }, error.message);
      leftOut.push({ reason: error.message, line, file, isInvalid: true });
    }
  }
  return { interactions, leftOut, trimmedIds: reader.trimmedIds };
}
