import { DomainError, LIMITS, RefusedRowList, type RefusedRows } from '#domain';
import type { MappedTable } from '../formats/choose-tables.js';
import { isSet } from '../formats/table.js';
import type { ReadingRules } from '../rows/interaction-reader.js';
import type { InteractionChunk } from '../rows/read-interactions.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { Sources } from '../sources/source.js';
import { DoubtfulIds } from './doubtful-ids.js';
import { InteractionCounts } from './interaction-counts.js';
import { LeftOutRows } from './left-out.js';

/** Counts rows as they will be stored, and those that will not be. */
export class RowCounts {
  readonly #interactions: InteractionCounts;
  readonly #doubts: DoubtfulIds;
  readonly #leftOut = new LeftOutRows();
  readonly #refused = new RefusedRowList();
  #trimmedIds = 0;

  constructor(
    private readonly parts: readonly MappedTable[],
    { rating }: ReadingRules,
  ) {
    const { table, mapping } = parts[0]!;
    const hasWeights = mapping.columns.weight !== undefined || rating?.kind === 'weight';
    this.#interactions = new InteractionCounts({ isSet: isSet(table), hasWeights });
    this.#doubts = new DoubtfulIds(table.encoding);
  }

  add({ interactions, leftOut, trimmedIds }: InteractionChunk): void {
    for (const interaction of interactions) {
      this.#interactions.add(interaction);
      this.#doubts.see(interaction);
    }
    for (const { reason, line, file, isInvalid } of leftOut) {
      const isOfOnly = this.parts.length === 1 && file === this.parts[0]!.table.source.name;
      this.#leftOut.add(isOfOnly ? reason : `${reason} (${file})`, line);
      if (isInvalid) this.#refused.add({ row: line, reason });
    }
    this.#trimmedIds += trimmedIds;
  }

  /** Rows that cannot be stored. */
  get refused(): RefusedRows {
    return this.#refused;
  }

  warnings(): readonly string[] {
    return this.#doubts.warnings();
  }

  /** @throws DomainError when there is nothing to be stored, or more types than a catalog may have */
  summarize({ path }: Pick<Sources, 'path'>) {
    if (this.#interactions.rows === 0) throw nothingToLearn(path, this.#leftOut);
    checkTypes(this.#interactions, path, this.parts[0]!.mapping.columns.type?.label);
    const figures = this.#interactions.summarize();
    return { ...figures, leftOut: this.#leftOut.list(), trimmedIds: this.#trimmedIds };
  }
}

function nothingToLearn(path: string, leftOut: LeftOutRows): DomainError {
  const reasons = leftOut
    .list()
    .map(({ reason, rows }) => `${rows} ${rows === 1 ? 'row' : 'rows'}: ${reason}`);
  const why = reasons.length === 0 ? 'it has no rows' : `all rows are left out (${reasons.join('; ')})`;
  return sourceInvalid(path, `${why}, so there is nothing to learn from`);
}

function checkTypes({ types }: InteractionCounts, path: string, column = 'COLUMN' as string | number): void {
  if (types.length <= LIMITS.interactionTypesPerCatalog) return;
  throw sourceInvalid(
    path,
    `it has more than ${LIMITS.interactionTypesPerCatalog} types (${types.slice(0, 5).join(', ')}, …); leave that column out by --ignore-columns ${column} or say which one is the type by --columns type=NAME`,
  );
}
