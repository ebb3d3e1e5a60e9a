import { normalName } from '../columns/roles.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import { asInteractions, mapTable, type ColumnOptions } from './choose-tables.js';
import { BrokenRow, brokenRow } from './json-rows.js';
import { cellOf, type Row, type RowChunk, type Table } from './table.js';

const ORDER = 'orderid';
/** Users of orders with small numbers take four bytes an order, and all others about a hundred. */
const NUMBERS_BELOW = 2 ** 24;
const MOST_OTHERS = 500_000;
const WHOLE = /^(0|[1-9]\d{0,8})$/;

/**
 * Shops such as Instacart say in one file whose each order is, and in others what was in it: no file is
 * interactions. The others become so, with the user of the order as a further column.
 *
 * @returns the same tables where that is not so
 */
export function joinOrders(tables: readonly Table[], options: ColumnOptions): readonly Table[] {
  if (tables.some((table) => asInteractions(table, options))) return tables;
  const sides = tables.flatMap((table) => sideOf(table, options) ?? []);
  const [orders, another] = sides.filter(({ user }) => user !== null);
  const lines = sides.filter(({ user }) => user === null);
  if (!orders || another || lines.length === 0) return tables;
  const owners = new OrderOwners(orders);
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
    orders: orders.table.source.name,
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
      const user = owners.userOf(textOf(row[at]));
      if (user === undefined)
        return brokenRow(
          `${table.names![order]!} is ${JSON.stringify(textOf(row[at]))}, and no such order has a user`,
        );
      if (table.hasObjects) return { ...row, [name]: user };
      const cells = row as unknown as readonly string[];
      return [...cells.slice(0, table.width), user, ...cells.slice(table.width)] as unknown as Row;
    });
    yield { rows: joined, lines };
  }
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell.trim() : String(cell);
}

/** The user of each order, read once. */
class OrderOwners {
  /** Users plus one by the number of their order. */
  #numbers = new Int32Array(1024);
  readonly #others = new Map<string, string>();
  #loaded: Promise<void> | null = null;

  constructor(private readonly orders: Side) {}

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
    for await (const { rows } of table.read([order, user!]))
      for (const row of rows)
        if (!(row instanceof BrokenRow)) this.#add(textOf(row[orderAt]), textOf(row[userAt]));
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
