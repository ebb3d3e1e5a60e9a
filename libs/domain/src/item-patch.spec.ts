import fc from 'fast-check';
import { fitsMetadata, isSameItem, mergePatch, patchItem } from './item-patch.js';
import type { ItemDetails, JsonObject, JsonValue } from './item.js';

describe('mergePatch', () => {
  /** Appendix A of RFC 7396: target, patch, result. */
  it.each<[JsonValue, JsonValue, JsonValue]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('takes names of every object for what they are', () => {
    expect(mergePatch({}, { constructor: { a: 1 }, toString: 'x' })).toEqual({
      constructor: { a: 1 },
      toString: 'x',
    });
  });

  it('changes neither what it is given, nor anything when it is done again', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const [one, other] = [JSON.stringify(target), JSON.stringify(patch)];
        const merged = mergePatch(target as JsonValue, patch as JsonValue);
        expect(mergePatch(merged, patch as JsonValue)).toEqual(merged);
        expect([JSON.stringify(target), JSON.stringify(patch)]).toEqual([one, other]);
      }),
      { seed: 7396 },
    );
  });
});

describe('patchItem', () => {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const item: ItemDetails = {
    ...{ itemId: 'dune', title: 'Dune', tags: ['desert'], available: false, createdAt },
    metadata: { year: 1965, by: { name: 'Herbert', born: 1920 } },
  };

  it('leaves what is absent, and gives null its default', () => {
    expect(patchItem(item, {})).toEqual(item);
    const none = { title: null, tags: null, metadata: null, available: null };
    const defaults = { title: null, tags: [], metadata: {}, available: true };
    expect(patchItem(item, none)).toEqual({ itemId: 'dune', createdAt, ...defaults });
  });

  it('merges metadata at every depth, and replaces all else', () => {
    const metadata = { year: null, by: { born: null, died: 1986 }, pages: 412 };
    expect(patchItem(item, { tags: ['sand'], metadata })).toEqual({
      ...item,
      tags: ['sand'],
      metadata: { by: { name: 'Herbert', died: 1986 }, pages: 412 },
    });
  });

  it('is the same again where nothing changes, whatever the order of members', () => {
    const { metadata } = item;
    const turned = Object.fromEntries(Object.entries(metadata).reverse());
    expect(isSameItem(item, { ...item, metadata: turned })).toBe(true);
    expect(isSameItem(item, patchItem(item, { title: 'Dune' }))).toBe(true);
    for (const patch of [{ title: 'D' }, { tags: [] }, { available: true }, { createdAt: new Date(0) }])
      expect(isSameItem(item, patchItem(item, patch))).toBe(false);
  });
});

describe('fitsMetadata', () => {
  const nested = (levels: number) =>
    JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as JsonObject;

  it('takes 32 levels and 16,384 bytes', () => {
    expect([fitsMetadata(nested(32)), fitsMetadata(nested(33)), fitsMetadata(nested(3_000))]).toEqual([
      ...[true, false, false],
    ]);
    const ofBytes = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
    expect([fitsMetadata(ofBytes(16_384)), fitsMetadata(ofBytes(16_385))]).toEqual([true, false]);
  });
});
