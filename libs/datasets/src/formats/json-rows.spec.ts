import fc from 'fast-check';
import { JsonArrayReader } from './json-rows.js';

function readAll(...texts: readonly string[]) {
  const reader = new JsonArrayReader('x.json');
  const chunks = texts.map((text) => reader.take(text));
  reader.end();
  return { rows: chunks.flatMap(({ rows }) => rows), lines: chunks.flatMap(({ lines }) => lines) };
}

describe('JsonArrayReader', () => {
  it('reads the objects of any array, wherever its text is cut', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
    fc.assert(
      fc.property(objects, fc.nat(5), fc.nat(40), (array, indent, at) => {
        const text = JSON.stringify(array, null, indent);
        expect(readAll(text.slice(0, at), text.slice(at)).rows).toEqual(JSON.parse(text));
      }),
    );
  });

  it('numbers objects from 1', () => {
    expect(readAll('[\n{"a":1},\n', '{"a":2}]\n').lines).toEqual([1, 2]);
  });

  it.each([
    ['[{"a":1},', 'the JSON array is not closed'],
    ['[{"a":1}, 2]', 'must have nothing but objects in it'],
    ['[[{"a":1}]]', 'must have nothing but objects in it'],
    ['[{"a":1}] {"b":2}', 'must have nothing but objects in it'],
    ['[{"a":1}]\n[{"b":2}]', 'must have nothing but objects in it'],
    [`[{"a":"${'x'.repeat(1_100_000)}`, 'an object is longer than 1 MiB'],
  ])('refuses %.30s', (text, reason) => {
    expect(() => readAll(text)).toThrow(reason);
  });
});
