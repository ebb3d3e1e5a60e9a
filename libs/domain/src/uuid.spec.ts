import fc from 'fast-check';
import { UUID_BYTES, uuidBytes, uuidOf } from './uuid.js';

it('gives back every UUID from its 16 bytes', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(uuidBytes(uuid)).toHaveLength(UUID_BYTES);
      expect(uuidOf(uuidBytes(uuid))).toBe(uuid);
    }),
    { seed: 2 },
  );
});
