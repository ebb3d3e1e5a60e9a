import { parseTypeWeights } from './type-weights.js';

describe('parseTypeWeights', () => {
  it('reads types with their weights, blanks around them, and = in a name', () => {
    expect([...parseTypeWeights('view=1, buy = 0.5,a=b=2')]).toEqual([
      ['view', 1],
      ['buy', 0.5],
      ['a=b', 2],
    ]);
  });

  it.each([
    ['', 'names no type'],
    ['=2', 'names no type'],
    ['view', 'names no type'],
    ['view=', 'must be a number above 0'],
    ['view=0', 'must be a number above 0'],
    ['view=-1', 'must be a number above 0'],
    ['view=1e-60', 'must be a number above 0'],
    ['view=1e30', 'must be a number above 0'],
    ['view=0x10', 'must be a number above 0'],
    ['..=1', 'must be 1 to 64 characters'],
    ['view=1,view=2', 'view is given twice'],
    ['view=1,', 'names no type'],
  ])('refuses %j: %s, and says how to write it', (text, reason) => {
    expect(() => parseTypeWeights(text)).toThrow(reason);
    expect(() => parseTypeWeights(text)).toThrow('write type=weight, for example view=1,buy=5');
  });
});
