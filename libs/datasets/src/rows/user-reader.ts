import { isNoUserRow, isText, TEXT_RULE, type ImportedUser } from '#domain';
import type { Column, Mapping } from '../columns/mapping.js';
import type { UserRole } from '../columns/roles.js';
import { cellOf, type Row, type Table } from '../formats/table.js';
import { InvalidValue } from '../values/invalid-value.js';
import { readTags, type TagSeparator } from '../values/tags.js';
import { fewEnough, readFlag, readMetadata, withinBounds } from './attribute-cells.js';
import { IdCell } from './id-cell.js';
import { checkWidth } from './interaction-reader.js';
import type { Cut } from './item-reader.js';
import { trimmedCell } from './trimmed-cell.js';

export interface UserRules {
  readonly separator: TagSeparator;
  readonly onCut?: (cut: Exclude<Cut, 'title'>, line: number) => void;
  /** An id had blanks around it. */
  readonly onTrimmed?: () => void;
}

/** Members of the row of the user in the file of everything on one person that are no metadata. */
const KIND = 'kind';
const OF_PERSON_FILE: readonly unknown[] = [KIND, 'createdAt'];

/** Turns rows of one table into users. */
export class UserReader {
  readonly #hasKinds: boolean;
  readonly #ofPersonFile: readonly Column[];
  readonly #id: IdCell;

  constructor(
    private readonly table: Table,
    private readonly mapping: Mapping,
    private readonly rules: UserRules,
  ) {
    this.#hasKinds = table.hasObjects && table.names?.includes(KIND) === true;
    this.#id = new IdCell(table, mapping.columns.user!, rules.onTrimmed);
    this.#ofPersonFile = mapping.metadata.filter(({ label }) => !OF_PERSON_FILE.includes(label));
  }

  /** @returns what else a row is, of the file of a person @throws InvalidValue when it cannot be stored */
  read(row: Row, line: number): ImportedUser | string {
    checkWidth(row, this.table);
    const kind = this.#hasKinds ? row[KIND] : undefined;
    if (isNoUserRow(kind)) return `kind ${kind}, which is no user`;
    const metadata = kind === 'user' ? this.#ofPersonFile : this.mapping.metadata;
    const tags = fewEnough(readTags(this.#cell(row, 'tags'), this.rules.separator), () =>
      this.rules.onCut?.('tags', line),
    );
    if (!tags.every(isText)) throw new InvalidValue(`tags ${TEXT_RULE}`, { role: 'tags' });
    const training = readFlag(this.#cell(row, 'training'), 'training');
    const personal = readFlag(this.#cell(row, 'personal'), 'personal');
    return {
      userId: this.#id.read(row),
      tags,
      metadata: withinBounds(readMetadata(row, this.table, metadata), () =>
        this.rules.onCut?.('metadata', line),
      ),
      ...(training !== undefined && { training }),
      ...(personal !== undefined && { personal }),
    };
  }

  #cell(row: Row, role: UserRole): unknown {
    const column = this.mapping.columns[role];
    return column && trimmedCell(row, cellOf(this.table, column.index), this.table);
  }
}
