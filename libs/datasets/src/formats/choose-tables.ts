import type { GivenColumns } from '../columns/columns-option.js';
import { ColumnMapper, findColumn, type Mapping } from '../columns/mapping.js';
import { ALIASES, INTERACTION_ROLES, ITEM_ROLES, normalName, type Role } from '../columns/roles.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { Sources } from '../sources/source.js';
import { filmsBy, isOfFilms, isSmallPartOf, UNKNOWN_FILMS, type Links } from './films.js';
import { isTagsHeader, namesOfUserColumns, splitOf100K } from './movielens.js';
import type { Table } from './table.js';
import { isNamedTrain } from './train-rows.js';

/** Beside it MovieLens 100K has its parts for training and testing. */
const WHOLE_100K = 'u.data';

/** A table with what its columns are. */
export interface MappedTable {
  readonly table: Table;
  readonly mapping: Mapping;
}

export interface IgnoredSource {
  readonly name: string;
  readonly reason: string;
}

/** Which table is read for what. */
export interface ChosenTables {
  /** Parts of one whole, in their order. */
  readonly interactions: readonly MappedTable[];
  readonly items: MappedTable | null;
  /** What interactions call these items; null: what their table calls them. */
  readonly links: Links | null;
  /** Tables of the folder beside the interactions, read or not. */
  readonly others: readonly Table[];
  readonly ignored: readonly IgnoredSource[];
  /** Whether a file of the folder is no table, so that nothing is known of it. */
  readonly hasUnreadable: boolean;
}

export interface ColumnOptions {
  readonly columns: GivenColumns;
  readonly ignoreColumns: readonly string[];
}

export function mapTable(
  table: Table,
  roles: readonly Role[],
  { columns, ignoreColumns }: ColumnOptions,
): Mapping {
  const given = columns.size > 0 ? columns : table.known;
  return new ColumnMapper({ ...table, roles, given, ignore: ignoreColumns }).map();
}

function isOfInteractions(role: Role): boolean {
  return (INTERACTION_ROLES as readonly Role[]).includes(role);
}

/** The table as interactions, if it has a user and an item. */
export function asInteractions(table: Table, options: ColumnOptions): MappedTable | null {
  if (table.names && isTagsHeader(table.names) && options.columns.size === 0) return null;
  const mapping = mapTable(table, INTERACTION_ROLES, options);
  const isWhole = [...options.columns].every(
    ([role, name]) => !isOfInteractions(role) || findColumn(table, name) !== null,
  );
  return isWhole && mapping.columns.user && mapping.columns.item ? { table, mapping } : null;
}

/**
 * What a column of items is because the interactions say so: the one that is called as theirs is the item.
 * Numbers are places in their table alone.
 */
export function columnsOfItems(table: Table, given: GivenColumns, { mapping }: MappedTable): GivenColumns {
  const { label } = mapping.columns.item!;
  const named = new Map([...given].filter(([, name]) => !/^\d+$/.test(name)));
  const isNamed =
    typeof label === 'string' && table.names?.some((name) => normalName(name) === normalName(label));
  return isNamed ? new Map([...named, ['item', label]]) : named;
}

/** The table as items, if it has an item, something that is said of it, and no user. */
export function asItems(table: Table, options: ColumnOptions): MappedTable | null {
  if (table.format === 'train.txt') return null;
  const asInteraction = mapTable(table, INTERACTION_ROLES, { ...options, columns: new Map() });
  if (asInteraction.columns.user) return null;
  const columns = table.known.size > 0 ? table.known : options.columns;
  const mapping = mapTable(table, ITEM_ROLES, { ...options, columns });
  const { item, title, tags, year } = mapping.columns;
  const says = title ?? tags ?? year ?? mapping.metadata[0];
  return item && says ? { table, mapping } : null;
}

/**
 * Which of the tables of a folder are interactions, and which items.
 *
 * @throws DomainError `import-source-invalid` that names the files where that is not clear
 */
export function chooseTables(
  { path }: Pick<Sources, 'path'>,
  tables: readonly Table[],
  options: ColumnOptions,
): ChosenTables | null {
  const found = tables.flatMap((table) => asInteractions(table, options) ?? []);
  if (found.length === 0) return null;
  const interactions = choosePartsOf(path, found);
  const candidates = tables.flatMap((table) => {
    const columns = columnsOfItems(table, options.columns, interactions[0]!);
    return asItems(table, { ...options, columns }) ?? [];
  });
  const named = candidates.length === 1 ? candidates[0]! : nearestItems(candidates, interactions[0]!.table);
  const films = candidates.length === 0 ? chooseFilms(tables, interactions[0]!, options) : null;
  const [items, links] = [named ?? films?.items ?? null, films?.links ?? null];
  const parts = [...interactions, ...(items ? [items] : []), ...(links ? [links] : [])];
  const read = new Set(parts.map(({ table }) => table));
  const ignored = tables
    .filter((table) => !read.has(table))
    .map((table) => ({ name: table.source.name, reason: reasonOf(table, { candidates, interactions }) }));
  const others = tables.filter((table) => !interactions.some((part) => part.table === table));
  return { interactions, items, links, others, ignored, hasUnreadable: false };
}

/** The only table of films, if something says which items they are. */
function chooseFilms(
  tables: readonly Table[],
  interactions: MappedTable,
  { ignoreColumns }: ColumnOptions,
): Pick<ChosenTables, 'items' | 'links'> | null {
  const [table, another] = tables.filter(isOfFilms);
  const by = filmsBy(interactions, tables);
  if (!table || another || by === null) return null;
  const columns: GivenColumns = new Map([['item', 'id']]);
  const mapping = mapTable(table, ITEM_ROLES, { columns, ignoreColumns });
  return { items: { table, mapping }, links: by === 'same' ? null : by };
}

interface Read {
  readonly candidates: readonly MappedTable[];
  readonly interactions: readonly MappedTable[];
}

function reasonOf(table: Table, { candidates, interactions }: Read): string {
  if (table.format === 'train.txt')
    return 'it is another file of the benchmark; evaluate takes one for testing by --test';
  const whole = interactions.find((part) => isSmallPartOf(table, part.table));
  if (whole) return `it is a part of ${whole.table.source.fileName}`;
  if (candidates.some((candidate) => candidate.table === table)) return SEVERAL_ITEMS;
  if (isOfFilms(table)) return candidates.length > 0 ? SEVERAL_ITEMS : UNKNOWN_FILMS;
  if (isOfUsers(table)) return 'it has users and no items; they are read only if --users names it';
  if (isCalledId(table))
    return 'it may have items, whose column is called id; if those are the ids of the interactions, name it by --items';
  return 'it has neither interactions nor titles or tags of items';
}

const SEVERAL_ITEMS = 'several files could be the items; name one by --items';
const NAMED_USERS = /^(users?|customers?|members?)\b/i;

/** What is known of people is stored only when that is asked for. */
function isOfUsers(table: Table): boolean {
  const { format, source, known } = table;
  if (namesOfUserColumns(known).length > 0) return true;
  if (format === 'recbole' && /\.user$/i.test(source.fileName)) return true;
  if (hasCell(table, ['id']) && NAMED_USERS.test(source.fileName)) return true;
  const { columns } = mapTable(table, ['user', 'item'], { columns: new Map(), ignoreColumns: [] });
  return columns.user !== undefined && columns.item === undefined;
}

/** A table that says something of what its column `id` names. */
function isCalledId(table: Table): boolean {
  return hasCell(table, ['id']) && hasCell(table, [...ALIASES.title, ...ALIASES.tags]);
}

/** Whether a name stands in the header, or in the first row where that is not known to be one. */
function hasCell({ names, head }: Table, wanted: readonly string[]): boolean {
  const cells = names ?? Object.values(head[0] ?? {}).map(String);
  const normal = new Set(wanted.map(normalName));
  return cells.some((cell) => normal.has(normalName(cell)));
}

/** Of several, the one that is named like the interactions. */
function nearestItems(candidates: readonly MappedTable[], interactions: Table): MappedTable | null {
  const stem = stemOf(interactions);
  return candidates.find(({ table }) => stemOf(table) === stem) ?? null;
}

function choosePartsOf(path: string, found: readonly MappedTable[]): readonly MappedTable[] {
  const benchmark = found.filter(({ table }) => table.format === 'train.txt');
  if (benchmark.length > 0) return [chooseBenchmark(path, benchmark)];
  const whole100K = found.find(({ table }) => table.source.fileName === WHOLE_100K);
  if (whole100K) return [whole100K];
  const known = found.filter(({ table }) => table.known.size > 0 && !isOfUsers(table));
  const [first, ...others] = (known.length > 0 ? known : found).filter(
    ({ table }) => !found.some((other) => isSmallPartOf(table, other.table)),
  );
  const areParts = others.every(({ table }) => isPartOfSame(table, first!.table));
  if (!areParts)
    throw sourceInvalid(
      path,
      `several files could be the interactions (${namesOf(found)}); give the path of one of them`,
    );
  const parts = [first!, ...others].sort(byNumbers);
  if (haveSameRows(parts))
    throw sourceInvalid(
      path,
      `several files have the same rows, as several splits of one whole do (${namesOf(parts)}); give the path of the whole, or of one of them; evaluate takes one split by --train and --test`,
    );
  return parts;
}

/** `train.txt` is read, and `test.txt` beside it is for evaluation. */
function chooseBenchmark(path: string, found: readonly MappedTable[]): MappedTable {
  const named = found.filter(({ table }) => isNamedTrain(table.source.fileName));
  const training = named.filter(({ table }) => /train\.txt$/i.test(table.source.fileName));
  const [only, another] = [training, named, found].find((some) => some.length > 0)!;
  if (only && !another) return only;
  throw sourceInvalid(
    path,
    `several files could be the interactions (${namesOf(found)}); give the path of one of them`,
  );
}

function namesOf(found: readonly MappedTable[]): string {
  return found.map(({ table }) => table.source.fileName).join(', ');
}

function byNumbers(one: MappedTable, other: MappedTable): number {
  return one.table.source.fileName.localeCompare(other.table.source.fileName, 'en', { numeric: true });
}

/** Parts of one whole have none in common, and no two of them begin with one dated row. */
function haveSameRows(parts: readonly MappedTable[]): boolean {
  if (parts.length === 1) return false;
  const splits = new Set(parts.map(({ table }) => splitOf100K(table.source.fileName)));
  if (splits.size > 1) return true;
  const firsts = parts.flatMap(({ table, mapping }) =>
    mapping.columns.time && table.head[0] ? [JSON.stringify(table.head[0])] : [],
  );
  return new Set(firsts).size < firsts.length;
}

function isPartOfSame(one: Table, other: Table): boolean {
  const header = ({ names, width }: Table) => names?.map(normalName).join(',') ?? String(width);
  const isNamedSo =
    stemOf(one) === stemOf(other) || (one.orders !== undefined && one.orders === other.orders);
  return one.format === other.format && header(one) === header(other) && isNamedSo;
}

/**
 * The name of a file without its ending and the number of its part; also `train-00000-of-00002` of Hugging
 * Face, and `part-00000-4f2c….snappy` of Spark.
 */
function stemOf({ source }: Table): string {
  return source.fileName
    .replace(/\.[^.]*$/, '')
    .replace(/-\d+-of-\d+$|^(part-\d+)-.*$/i, '$1')
    .replace(/[-_.]?(part)?[-_.]?\d+$/i, '')
    .toLowerCase();
}
