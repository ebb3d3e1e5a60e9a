import { TestService } from '../../../test/support/api.js';
import { expectRefused, type RefusedCall } from './testing/refused-calls.js';

describe('what the API refuses of a list', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false, env: { BODY_LIMIT_MB: '2' } });
  });
  afterAll(() => service.stop());

  it.each<RefusedCall>([
    ['k of 0', 'GET users/u/recommendations?k=0', undefined, '#/k'],
    ['k of 10,001', 'GET popular?k=10001', undefined, '#/k'],
    ['k that is no number', 'GET popular?k=ten', undefined, '#/k'],
    ['an unknown query', 'GET popular?size=3', undefined, '#/size'],
    ['a basket with k of 0', 'POST recommendations', { items: [], k: 0 }, '#/k'],
    ['a minScore that is no number', 'GET popular?minScore=', undefined, '#/minScore'],
    ['a minScore out of range', 'GET users/u/recommendations?minScore=1e10', undefined, '#/minScore'],
    [
      'a basket with a minScore that is text',
      'POST recommendations',
      { items: [], minScore: '1' },
      '#/minScore',
    ],
    ['a field that no item has', 'GET items/i/similar?fields=title,colour', undefined, '#/fields/1'],
    [
      'a basket with a field that no item has',
      'POST recommendations',
      { items: [], fields: ['id'] },
      '#/fields/0',
    ],
    ['a filter that is no JSON', 'GET popular?filter={', undefined, '#/filter'],
    ['a filter with __proto__', 'GET popular?filter={"__proto__":{"eq":1}}', undefined, '#/filter'],
    ['a filter that is no object', 'GET popular?filter=3', undefined, '#/filter'],
    ['a filter on an unknown field', `GET items/i/similar?filter={"title":{}}`, undefined, '#/filter/title'],
    ['a filter on no item', `GET latest?filter={"itemId":{"in":[]}}`, undefined, '#/filter/itemId/in'],
    [
      'a filter on an empty id',
      `GET popular?filter={"itemId":{"in":[""]}}`,
      undefined,
      '#/filter/itemId/in/0',
    ],
    [
      'a filter on items like one',
      `GET popular?filter={"itemId":{"eq":"a"}}`,
      undefined,
      '#/filter/itemId/eq',
    ],
    ['the latest by a model', 'GET latest?model=m', undefined, '#/model'],
    ['a tag with a cursor', 'GET latest?cursor=AQ&tag=a', undefined, '#/tag'],
    ['a window with a cursor', 'GET popular?cursor=AQ&windowDays=3', undefined, '#/windowDays'],
    ['a preview in pages', 'GET items/item-1/similar?paging=true&preview=true', undefined, '#/preview'],
    ['a filter of 9,000 characters', `GET popular?filter=${'1'.repeat(9_000)}`, undefined, '#/filter'],
    [
      'a filter of a wrong type',
      'POST recommendations',
      { items: [], filter: { 'metadata.year': { eq: null } } },
      '#/filter/metadata.year/eq',
    ],
    ...[
      'import({score: 1}, {override: true})',
      'createUnit("x")',
      'parse("1")',
      'evaluate("1")',
      'simplify("score")',
      'derivative("x", "x")',
      'f(x) = x',
      '"a".constructor("return process")',
      '1:1e9',
      '[1, 2]',
      `${'('.repeat(10_000)}1${')'.repeat(10_000)}`,
      'score + '.repeat(200_000),
      `${'('.repeat(240)}1${')'.repeat(240)}`,
      '',
    ].map((boost, n): RefusedCall => [
      `a boost that is not allowed (${n}: ${boost.slice(0, 20)})`,
      'POST recommendations',
      { items: [], boost },
      '#/boost',
    ]),
    ['a boost that is no text', 'POST recommendations', { items: [], boost: 3 }, '#/boost'],
    [
      'a boost in an address that is not allowed',
      'GET users/u/recommendations?boost=pi',
      undefined,
      '#/boost',
    ],
    ['a diversity above 1', 'GET users/u/recommendations?diversity=1.1', undefined, '#/diversity'],
    [
      'a diverse list that is too long',
      'POST recommendations',
      { items: [], k: 201, diversity: 1 },
      '#/diversity',
    ],
    ['diversity where it has no meaning', 'GET popular?diversity=1', undefined, '#/diversity'],
    ...(
      [
        ['a position of 0', { pins: { a: 0 } }, '#/pins/a'],
        ['a position that is no number', { pins: { a: '1' } }, '#/pins/a'],
        ['a position beyond k', { pins: { a: 6 } }, '#/pins/a'],
        ['a position twice', { pins: { a: 1, b: 1 } }, '#/pins/b'],
        ['a pin that is excluded', { pins: { a: 1 }, exclude: ['a'] }, '#/pins/a'],
        [
          '51 pins',
          { k: 100, pins: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`i${n}`, n + 1])) },
          '#/pins',
        ],
        ['101 items to leave out', { without: Array(101).fill('a') }, '#/without'],
        ['an item to leave out that is no text', { without: [1] }, '#/without/0'],
      ] as const
    ).map(([what, options, pointer]): RefusedCall => [
      `a basket with ${what}`,
      'POST recommendations',
      { items: [], k: 5, ...options },
      pointer,
    ]),
    ['an order of nothing', 'POST recommendations/rank', { userId: 'u', candidates: [] }, '#/candidates'],
    ['an order for nobody', 'POST recommendations/rank', { candidates: ['a'] }, '#/userId'],
    [
      'an order for two',
      'POST recommendations/rank',
      { candidates: ['a'], userId: 'u', items: [] },
      '#/items',
    ],
    [
      'an order of 1,001 items',
      'POST recommendations/rank',
      { userId: 'u', candidates: Array<string>(1_001).fill('a') },
      '#/candidates',
    ],
    ['an order with k', 'POST recommendations/rank', { userId: 'u', candidates: ['a'], k: 1 }, '#/k'],
    ['a batch of nothing', 'POST recommendations/batch', { requests: [] }, '#/requests'],
    [
      'a batch of 1,001',
      'POST recommendations/batch',
      { requests: Array(1_001).fill({ userId: 'u' }) },
      '#/requests',
    ],
    ['a batch with k of its own', 'POST recommendations/batch', { requests: [{}], k: 3 }, '#/k'],
    ['pins that are no JSON', 'GET users/u/recommendations?pins=a:1', undefined, '#/pins'],
    ['pins beyond k in an address', 'GET users/u/recommendations?k=1&pins={"a":2}', undefined, '#/pins/a'],
    ['an empty id to exclude', 'GET popular?exclude=', undefined, '#/exclude'],
    ['201 ids to exclude in an address', `GET popular?${'exclude=x&'.repeat(201)}`, undefined, '#/exclude'],
    [
      '1,001 ids to exclude in a body',
      'POST recommendations',
      { items: [], exclude: Array(1_001).fill('x') },
      '#/exclude',
    ],
  ])('%s: 422 that names the field', async (...call) => {
    await expectRefused(service, call);
  });
});
