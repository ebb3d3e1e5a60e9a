import type { DatasetOptions } from '../dataset.js';
import { GENRE_COLUMNS } from '../formats/movielens.js';
import { ISO_8601 } from '../values/time-rule.js';
import type {
  AttributesSummary,
  ColumnLabel,
  ItemColumns,
  ItemsSummary,
  UserColumns,
} from './attribute-summary.js';
import type { ExplicitOption } from './dataset-summary.js';

/** What the caller was told to read a table of items or of users by. */
export type AttributeOptions = Pick<
  DatasetOptions,
  'encoding' | 'delimiter' | 'header' | 'ignoreColumns' | 'timeFormat' | 'skipInvalid' | 'toldBesides'
>;

/** What of a summary an option can say. */
export type ExplicitlySaid = Pick<AttributesSummary, 'encoding' | 'delimiter' | 'header'> & {
  readonly columns: ItemColumns | UserColumns;
  readonly timeFormats?: ItemsSummary['timeFormats'];
};

/** Says explicitly what was understood of a table of items or of users. */
export function explicitAttributes(
  { encoding, delimiter, header, columns, timeFormats }: ExplicitlySaid,
  kind: 'items' | 'users',
  { ignoreColumns = [], timeFormat, skipInvalid, toldBesides = [] }: AttributeOptions,
): readonly ExplicitOption[] {
  const format = timeFormats && (timeFormat ?? formatOfAll(timeFormats));
  return [
    ...toldBesides,
    ...(encoding === null ? [] : [['encoding', encoding] as const]),
    ...(delimiter === null ? [] : [['delimiter', delimiter] as const, ['header', header] as const]),
    ...explicitColumns(kind, columns),
    ...(ignoreColumns.length > 0 ? [['ignoreColumns', ignoreColumns.join(',')] as const] : []),
    ...(format ? [['timeFormat', format === ISO_8601 ? 'iso' : format] as const] : []),
    ...(skipInvalid ? [['skipInvalid', true] as const] : []),
  ];
}

/** The option that says which column is what. A name with a comma cannot be said, and is found again. */
export function explicitColumns(
  kind: 'items' | 'users',
  columns: Partial<ItemColumns> | UserColumns,
): readonly ExplicitOption[] {
  const labels: Readonly<Record<string, ColumnLabel>> = { ...columns };
  const named = Object.entries(labels).filter(
    ([, label]) => label !== null && !String(label).includes(',') && label !== GENRE_COLUMNS,
  );
  const text = named.map(([role, label]) => `${role}=${label}`).join(',');
  return text === '' ? [] : [[kind === 'items' ? 'itemColumns' : 'userColumns', text]];
}

/** The one format that reads all times, as ISO 8601 is read as such in any case. */
function formatOfAll({ createdAt, deletedAt }: ItemsSummary['timeFormats']): string | undefined {
  const formats = new Set([createdAt, deletedAt].filter((format) => format !== null));
  const others = [...formats].filter((format) => format !== ISO_8601);
  if (others.length > 1) return undefined;
  return others[0] ?? [...formats][0];
}
