import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './list-cursor.js';

describe('a cursor', () => {
  const owner = { catalogId: 'default', userId: 'ada' };

  it('comes back as it was, and in no other form or hands', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(1_000), fc.nat(), (listId, offset, at) => {
        const cursor = encodeCursor({ ...owner, listId }, offset);
        expect(decodeCursor(owner, cursor)).toEqual({ listId, offset });
        expect(decodeCursor({ ...owner, userId: 'bob' }, cursor)).toBeNull();
        expect(decodeCursor({ ...owner, catalogId: 'other' }, cursor)).toBeNull();
        const place = at % cursor.length;
        const other = cursor[place] === 'A' ? 'B' : 'A';
        expect(decodeCursor(owner, cursor.slice(0, place) + other + cursor.slice(place + 1))).toBeNull();
        expect(decodeCursor(owner, cursor.slice(0, place))).toBeNull();
        expect(decodeCursor(owner, `${cursor}=`)).toBeNull();
      }),
      { seed: 41 },
    );
  });
});
