import type { Dataset } from '../dataset.js';
import { renumber, type Events } from './events.js';
import { IdIndex, placesOf } from './id-index.js';

/** Data sets over the same users and items, whose ids are known by their numbers. */
export interface NamedEvents {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** One an element of what was read. */
  readonly parts: readonly Events[];
}

/** Reads data sets into memory. An id is the same user or item in all of them. */
export async function readEvents(datasets: readonly Dataset[]): Promise<NamedEvents> {
  const [users, items] = [new IdIndex(), new IdIndex()];
  const columns: EventColumns[] = [];
  for (const dataset of datasets) {
    const part = new EventColumns();
    const typeWeights = typeWeightsOf(dataset);
    for await (const chunk of dataset.interactions()) {
      for (const { userId, itemId, type, weight, occurredAt } of chunk) {
        const value = weight * (typeWeights.get(type) ?? 1);
        part.add(users.add(userId), items.add(itemId), value, occurredAt?.getTime() ?? Infinity);
      }
    }
    columns.push(part);
  }
  return inOrder(
    users.ids(),
    items.ids(),
    columns.map((part) => part.finish()),
  );
}

/** 0 of a negative type. */
function typeWeightsOf({ interactionTypes }: Dataset): Map<string, number> {
  return new Map(
    interactionTypes.map(({ name, positive = true, trainingWeight = 1 }) => [
      name,
      positive ? trainingWeight : 0,
    ]),
  );
}

type Columns = Omit<Events, 'numUsers' | 'numItems'>;

function inOrder(
  userIds: readonly string[],
  itemIds: readonly string[],
  parts: readonly Columns[],
): NamedEvents {
  const [users, items] = [placesOf(userIds), placesOf(itemIds)];
  const size = { numUsers: users.length, numItems: items.length };
  return {
    userIds: atPlaces(userIds, users),
    itemIds: atPlaces(itemIds, items),
    parts: parts.map((part) => renumber({ ...size, ...part }, { ...size, users, items })),
  };
}

function atPlaces(ids: readonly string[], places: Uint32Array): string[] {
  const ordered = new Array<string>(ids.length);
  places.forEach((place, number) => (ordered[place] = ids[number]!));
  return ordered;
}

/** Columns that grow by doubling. */
class EventColumns {
  #length = 0;
  #users = new Uint32Array(1_024);
  #items = new Uint32Array(1_024);
  #values = new Float32Array(1_024);
  #times = new Float64Array(1_024);

  add(user: number, item: number, value: number, time: number): void {
    if (this.#length === this.#users.length) this.#grow();
    this.#users[this.#length] = user;
    this.#items[this.#length] = item;
    this.#values[this.#length] = value;
    this.#times[this.#length++] = time;
  }

  finish(): Columns {
    return {
      users: this.#users.subarray(0, this.#length),
      items: this.#items.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      times: this.#times.subarray(0, this.#length),
    };
  }

  #grow(): void {
    const size = 2 * this.#length;
    this.#users = copyTo(new Uint32Array(size), this.#users);
    this.#items = copyTo(new Uint32Array(size), this.#items);
    this.#values = copyTo(new Float32Array(size), this.#values);
    this.#times = copyTo(new Float64Array(size), this.#times);
  }
}

function copyTo<Column extends Uint32Array | Float32Array | Float64Array>(
  column: Column,
  from: Column,
): Column {
  column.set(from);
  return column;
}
