import fc from 'fast-check';
import { DomainError } from '#domain';
import { decodeCursor, encodeCursor, type ListName } from './cursor.js';

describe('a cursor', () => {
  const list: ListName = ['recommendations', 'default', 'ada'];

  it('comes back as it was, and in no other form or list', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (bytes, at) => {
        const position = Buffer.from(bytes);
        const cursor = encodeCursor(list, position);
        expect(decodeCursor(list, cursor)).toEqual(position);
        for (const other of [
          ['items', 'default'],
          [...list, ''],
          ['recommendations', 'default', 'bob'],
        ])
          expect(() => decodeCursor(other as unknown as ListName, cursor)).toThrow(DomainError);
        const place = at % cursor.length;
        const other = cursor[place] === 'A' ? 'B' : 'A';
        const changed = cursor.slice(0, place) + other + cursor.slice(place + 1);
        for (const text of [changed, cursor.slice(0, place), `${cursor}=`, `${cursor}A`, ` ${cursor}`])
          expect(() => decodeCursor(list, text)).toThrow('1 field is invalid');
      }),
      { seed: 41 },
    );
  });
});
