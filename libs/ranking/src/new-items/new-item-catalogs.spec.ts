import { CsrMatrix } from '#models';
import { ToyCatalog, type ToyItem } from '../testing/toy-catalog.js';
import { NewItemCatalogs } from './new-item-catalogs.js';
import type { NewItems } from './new-items.js';

const item = (...tags: string[]): ToyItem => ({ tags, metadata: {}, available: true, ageDays: 0 });

/** A catalog whose model has the first `known` items. */
async function toyOf(items: readonly ToyItem[], known: number): Promise<ToyCatalog> {
  const toy = await ToyCatalog.of(items);
  const cells = Array.from({ length: known }, (_, n) => n);
  const matrix = CsrMatrix.fromCoo({ numRows: known, numCols: known, rows: cells, cols: cells });
  await toy.train(matrix, Int32Array.from(cells).reverse());
  return toy;
}

/** Groups by their tags, and the weights that each makes. */
function describeNew(newItems: NewItems | null | undefined) {
  const groups = [...(newItems?.groups ?? [])].map(({ tags, itemKeys }) => ({
    tags: tags.map(({ name }) => name),
    itemKeys: [...itemKeys],
    weights: newItems?.mixtures.weights(tags),
  }));
  return groups.sort((a, b) => a.itemKeys[0]! - b.itemKeys[0]!);
}

describe('new items of a catalog', () => {
  it('cost nothing while the model has all items, and none of the others may be answered', async () => {
    const toy = await toyOf([item('a'), item('b'), { ...item('a'), available: false }], 2);
    expect((await toy.withNewItems()).newItems).toBeNull();
    expect(toy.rowsRead).toBe(0);
    toy.put(2, item('a'));
    await toy.refresh();
    expect((await toy.withNewItems()).newItems?.numGroups).toBe(1);
  });

  it('are read once, and then only what changed', async () => {
    const toy = await toyOf([item('a'), item('b'), item('a', 'b'), item('b', 'a', 'a'), item()], 2);
    const { newItems } = await toy.withNewItems();
    expect(describeNew(newItems)).toMatchObject([{ tags: ['a', 'b'], itemKeys: [2, 3] }]);
    expect(newItems!.groupOf(0)).toBeUndefined();
    expect(newItems!.groupOf(4)).toBeUndefined();
    const read = toy.rowsRead;
    expect((await toy.withNewItems()).newItems).toBe(newItems);
    toy.put(4, item('c'));
    await toy.refresh();
    const [first, second] = await Promise.all([toy.withNewItems(), toy.withNewItems()]);
    expect(first.newItems).toBe(second.newItems);
    expect(toy.rowsRead).toBe(read + 1);
    expect(describeNew(first.newItems)).toHaveLength(2);
  });

  it.each([3, 1_500])('are the same after %i changes as if they were read anew', async (changes) => {
    const items = Array.from({ length: 3_000 }, (_, n) => item(`t${n % 7}`, `u${n % 11}`));
    const toy = await toyOf(items, 5);
    await toy.withNewItems();
    for (let n = 0; n < changes; n++) toy.put((n * 2) % 3_000, n % 3 === 0 ? item() : item(`t${n % 5}`));
    await toy.refresh();
    const { newItems } = await toy.withNewItems();
    const anew = (await new NewItemCatalogs(toy.columns).asItIsNow(toy.catalog)).newItems;
    expect(describeNew(newItems)).toEqual(describeNew(anew));
    expect(newItems!.sizeBytes).toBe(anew!.sizeBytes);
  });
});
