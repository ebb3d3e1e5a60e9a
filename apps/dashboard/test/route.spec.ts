import { addressOf, parseRoute } from '../src/app/route.js';

describe('addresses of pages', () => {
  it('come back as they were written, whatever is in them', () => {
    const query = new URLSearchParams([
      ['user', 'a/b?c#d&e=f %'],
      ['item', 'x'],
      ['item', '☃'],
    ]);
    const route = parseRoute(addressOf('shop', 'try', query));
    expect([route.catalog, route.page, [...route.query]]).toEqual(['shop', 'try', [...query]]);
  });

  it('begin with the overview of no certain catalog', () => {
    for (const hash of ['', '#', '#/', '#//'])
      expect(parseRoute(hash)).toMatchObject({ catalog: null, page: 'overview' });
  });

  it('may be damaged', () => {
    expect(parseRoute('#/%zz/try?user=%zz')).toMatchObject({ catalog: '%zz', page: 'try' });
  });
});
