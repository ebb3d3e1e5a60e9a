import type { ItemColumnName, UserTraits } from '#domain';
import { hasTag, type ItemColumn, ItemColumns, type ServingCatalog } from '#ranking';
import type { CompiledBoost } from './boost-compiler.js';
import { VARIABLES, type Lookup } from './boost-expression.js';

const DAY_MS = 86_400_000;

type ReadItem = (itemKey: number) => number;

/** A compiled expression with what it reads of the items of one catalog. */
export class Boost {
  readonly #slots: Float64Array;

  constructor(
    private readonly compiled: CompiledBoost,
    private readonly ageDays: ReadItem,
    private readonly lookups: readonly ReadItem[],
  ) {
    this.#slots = new Float64Array(VARIABLES.length + lookups.length);
  }

  /** In float32, as all scores are; not always finite. */
  evaluate(itemKey: number, score: number, popularity: number): number {
    const slots = this.#slots;
    slots[0] = score;
    slots[1] = popularity;
    slots[2] = this.ageDays(itemKey);
    this.lookups.forEach((read, position) => (slots[VARIABLES.length + position] = read(itemKey)));
    return Math.fround(this.compiled.evaluate(slots));
  }
}

/** Finds what expressions read. */
export class Boosts {
  constructor(private readonly columns: ItemColumns) {}

  /**
   * @param traits of the user whom the list is for, if there are any
   * @throws DomainError `database-unavailable`
   */
  async resolve(
    catalog: ServingCatalog,
    compiled: CompiledBoost,
    traits?: UserTraits,
    now = Date.now(),
  ): Promise<Boost> {
    const [ages, ...columns] = await Promise.all([
      compiled.variables.has('ageDays') ? this.columns.get(catalog, 'createdAt') : null,
      ...compiled.lookups.map((lookup) => {
        const column = columnOf(lookup);
        return column && this.columns.get(catalog, column);
      }),
    ]);
    const lookups = compiled.lookups.map((lookup, position) => {
      const column = columns[position];
      return column ? reader(lookup, column) : constant(readTrait(lookup, traits));
    });
    return new Boost(compiled, ages ? ageReader(ages, now) : () => 0, lookups);
  }
}

function ageReader(createdAt: ItemColumn, now: number): ReadItem {
  return (itemKey) => (now - Number(createdAt.value(itemKey) ?? now)) / DAY_MS;
}

/** Of items; null: it is of the user. */
function columnOf({ of, name }: Lookup): ItemColumnName | null {
  if (of === 'tag') return 'tags';
  return of === 'metadata' ? `metadata.${name}` : null;
}

/** Nothing is known of nobody. */
function readTrait({ of, name }: Lookup, traits: UserTraits | undefined): number {
  return of === 'userTag' ? Number(traits?.tags.has(name) ?? false) : (traits?.numbers.get(name) ?? 0);
}

function constant(value: number): ReadItem {
  return () => value;
}

/** A tag is 1 or 0; of metadata, what is neither a number nor true counts as 0. */
function reader({ of, name }: Lookup, column: ItemColumn): ReadItem {
  if (of === 'metadata')
    return (itemKey) => {
      const value = column.value(itemKey);
      return typeof value === 'number' || value === true ? Number(value) : 0;
    };
  const bits = column.bitmap(name, hasTag(name));
  return (itemKey) => Number(bits.has(itemKey));
}
