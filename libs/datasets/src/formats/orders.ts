import { normalName } from '../columns/roles.js';
import type { DatasetOptions } from '../dataset.js';
import { refusedValue } from '../refused-row.js';
import { checkWidth } from '../rows/interaction-reader.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { LeftOutRow } from '../summary/left-out.js';
import { readId } from '../values/ids.js';
import { InvalidValue, isAbsent } from '../values/invalid-value.js';
import { asInteractions, mapTable, type ColumnOptions } from './choose-tables.js';
import { BrokenRow } from './json-rows.js';
import { cellOf, type Orders, type Row, type RowChunk, type Table } from './table.js';

const ORDER = 'orderid';
/** Users of orders with small numbers take four bytes an order, and all others about a hundred. */
const NUMBERS_BELOW = 2 ** 24;
const MOST_OTHERS = 500_000;
const MOST_LEFT_OUT = 100_000;
const WHOLE = /^(0|[1-9]\d{0,8})$/;

/**
 * Shops such as Instacart say in one file whose each order is, and in others what was in it: no file is
 * interactions. The others become so, with the user of the order as a further column.
 *
 * @returns the same tables where that is not so
 */
export function joinOrders(
  tables: readonly Table[],
  options: ColumnOptions & Pick<DatasetOptions, 'skipInvalid'>,
): readonly Table[] {
  if (tables.some((table) => asInteractions(table, options))) return tables;
  const sides = tables.flatMap((table) => sideOf(table, options) ?? []);
  const [orders, another] = sides.filter(({ user }) => user !== null);
  const lines = sides.filter(({ user }) => user === null);
  if (!orders || another || lines.length === 0) return tables;
  const owners = new OrderOwners(orders, options.skipInvalid);
  const joined = lines.map((side) => withUser(side, orders, owners));
  const joinedTables = new Set(lines.map(({ table }) => table));
  return [...joined, ...tables.filter((table) => !joinedTables.has(table) && table !== orders.table)];
}

/** A table of orders, with a user, or of what is in them. Columns by their places. */
interface Side {
  readonly table: Table;
  readonly order: number;
  readonly user: number | null;
}

function sideOf(table: Table, options: ColumnOptions): Side | null {
  const order = table.names?.findIndex((name) => normalName(name) === ORDER) ?? -1;
  if (order < 0) return null;
  const { user, item } = mapTable(table, ['user', 'item'], { ...options, columns: new Map() }).columns;
  if ((user === undefined) === (item === undefined)) return null;
  return { table, order, user: user?.index ?? null };
}

function withUser({ table, order }: Side, orders: Side, owners: OrderOwners): Table {
  const name = orders.table.names![orders.user!]!;
  const from = `${name} of each ${table.names![order]!} is read from ${orders.table.source.name}`;
  return {
    ...table,
    names: [...table.names!, name],
    width: table.width + 1,
    orders: owners,
    notes: [...table.notes, from],
    read: (columns) => readJoined({ table, order, name, columns }, owners),
  };
}

interface Joining {
  readonly table: Table;
  readonly order: number;
  /** Of the column of the user. */
  readonly name: string;
  readonly columns: readonly number[] | undefined;
}

async function* readJoined(
  { table, order, name, columns }: Joining,
  owners: OrderOwners,
): AsyncGenerator<RowChunk> {
  await owners.load();
  const at = cellOf(table, order);
  const needed = columns && [...new Set([...columns.filter((index) => index < table.width), order])];
  for await (const { rows, lines } of table.read(needed)) {
    const joined = rows.map((row): Row => {
      if (row instanceof BrokenRow) return row;
      const user = findUser(row[at], table.names![order]!, owners);
      if (user instanceof BrokenRow) return user as unknown as Row;
      if (table.hasObjects) return { ...row, [name]: user };
      const cells = row as unknown as readonly string[];
      return [...cells.slice(0, table.width), user, ...cells.slice(table.width)] as unknown as Row;
    });
    yield { rows: joined, lines };
  }
}

/** The user, or why there is none. */
function findUser(cell: unknown, name: string, owners: OrderOwners): string | BrokenRow {
  try {
    const order = idOf(cell, name);
    const user = owners.userOf(order);
    return user ?? new BrokenRow(`${name} is ${JSON.stringify(order)}, and no such order has a user`);
  } catch (error) {
    if (error instanceof InvalidValue) return new BrokenRow(error.message);
    throw error;
  }
}

function idOf(cell: unknown, name: string): string {
  return readId(trimmed(cell), name);
}

function trimmed(cell: unknown): unknown {
  return typeof cell === 'string' ? cell.trim() : cell;
}

/** The user of each order, read once. */
class OrderOwners implements Orders {
  /** Users plus one by the number of their order. */
  #numbers = new Int32Array(1024);
  readonly #others = new Map<string, string>();
  #loaded: Promise<void> | null = null;
  readonly leftOut: LeftOutRow[] = [];

  constructor(
    private readonly orders: Side,
    private readonly skipInvalid = false,
  ) {}

  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  userOf(order: string): string | undefined {
    const number = WHOLE.test(order) ? this.#numbers[Number(order)] : 0;
    return number ? String(number - 1) : this.#others.get(order);
  }

  async #read(): Promise<void> {
    const { table, order, user } = this.orders;
    const [orderAt, userAt] = [cellOf(table, order), cellOf(table, user!)];
    const [orderName, userName] = [table.names![order]!, table.names![user!]!];
    for await (const { rows, lines } of table.read([order, user!]))
      for (const [index, row] of rows.entries()) {
        try {
          checkWidth(row, table);
          const name = idOf(row[orderAt], orderName);
          if (!isAbsent(trimmed(row[userAt]))) this.#add(name, idOf(row[userAt], userName));
        } catch (error) {
          this.#leaveOut(error, lines[index]!);
        }
      }
  }

  /** @throws DomainError `import-row-invalid` unless such rows are left out; whatever else the error is */
  #leaveOut(error: unknown, line: number): void {
    if (!(error instanceof InvalidValue)) throw error;
    const { table } = this.orders;
    if (!this.skipInvalid) throw refusedValue({ table }, line, error);
    if (this.leftOut.length === MOST_LEFT_OUT)
      throw this.#invalid(
        `more than ${MOST_LEFT_OUT} of its rows cannot be read, the last one since ${error.message}; correct it`,
      );
    this.leftOut.push({ reason: error.message, line, file: table.source.name, isInvalid: true });
  }

  #add(order: string, user: string): void {
    const before = this.userOf(order);
    if (before === user) return;
    if (before !== undefined)
      throw this.#invalid(`order ${order} has two users; write the user into each row`);
    if (WHOLE.test(order) && WHOLE.test(user) && Number(order) < NUMBERS_BELOW)
      this.#addNumber(Number(order), Number(user));
    else if (this.#others.size < MOST_OTHERS) this.#others.set(order, user);
    else
      throw this.#invalid(
        `it has more than ${MOST_OTHERS} orders that are no numbers below ${NUMBERS_BELOW}; write the user into each row of what was ordered`,
      );
  }

  #addNumber(order: number, user: number): void {
    if (order >= this.#numbers.length) {
      const larger = new Int32Array(2 ** Math.ceil(Math.log2(order + 1)));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[order] = user + 1;
  }

  #invalid(reason: string): Error {
    return sourceInvalid(this.orders.table.source.name, reason);
  }
}
