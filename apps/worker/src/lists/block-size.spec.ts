import { BlockSize } from './block-size.js';

describe('BlockSize', () => {
  it('grows while blocks are short, up to a bound, and shrinks when one is long', () => {
    const size = new BlockSize(10);
    const sizes = [size.users];
    for (let n = 0; n < 6; n++) {
      size.note(size.users, 10);
      sizes.push(size.users);
    }
    expect(sizes).toEqual([256, 512, 1_024, 2_048, 4_096, 4_096, 4_096]);
    size.note(4_096, 2_000);
    expect(size.users).toBe(2_048);
    size.note(2_048, 600);
    expect(size.users).toBe(2_048);
  });

  it('does not grow by a block that had fewer users', () => {
    const size = new BlockSize(10);
    size.note(3, 1);
    expect(size.users).toBe(256);
  });

  it('bounds the places of all lists, and has a user at least', () => {
    expect(new BlockSize(1_000).users).toBe(200);
    const size = new BlockSize(1_000);
    for (let n = 0; n < 12; n++) size.note(size.users, 5_000);
    expect(size.users).toBe(1);
  });
});
