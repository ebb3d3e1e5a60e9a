import { spawnSync } from 'node:child_process';
import type { Change } from '../src/app/use-route.js';
import { simpleOf, tagsOf, withSimple } from '../src/pages/try/filter.js';
import { differenceOf, heldIn, holding, swapped } from '../src/pages/try/held.js';
import {
  bodyOf,
  faultOfFilter,
  freePlace,
  isAsked,
  pinsInAddress,
  queryOf,
  readAsk,
  withPin,
} from '../src/pages/try/list-ask.js';
import { movesOf, wordsOfMove } from '../src/pages/try/moves.js';
import { reachOf, segmentsOf } from '../src/pages/try/parts.js';
import { curlOf, typescriptOf } from '../src/pages/try/snippets.js';

const askOf = (search: string) => readAsk(new URLSearchParams(search));
const PLACE = {
  service: 'http://127.0.0.1:3000',
  catalog: 'default',
  keysNeeded: true,
  explains: true,
};

describe('what a list is asked for', () => {
  it('is read from the address, within the limits of the calls', () => {
    expect(askOf('user=ada')).toMatchObject({ kind: 'user', user: 'ada', k: 10, diversity: 0, filter: '' });
    expect(askOf('k=5000&diversity=7&rotation=-1')).toMatchObject({ k: 100, diversity: 1, rotation: 0 });
    expect(askOf('k=many')).toMatchObject({ k: 10 });
    expect([isAsked(askOf('for=basket&user=ada')), isAsked(askOf('for=basket&item=x'))]).toEqual([
      false,
      true,
    ]);
  });

  it('says nothing that was not said', () => {
    expect(queryOf(askOf('user=ada'), false)).toEqual({ k: 10, fields: 'title,tags' });
    expect(queryOf(askOf('user=ada&boost=+&filter=+'), true)).toEqual({
      k: 10,
      explain: 'true',
      fields: 'title,tags',
    });
    const basket = askOf('for=basket&item=a&item=b&rotation=1&without=a&filter={"tags":{"any":["x"]}}');
    expect(bodyOf(basket)).toEqual({
      items: [{ itemId: 'a' }, { itemId: 'b' }],
      ...{
        k: 10,
        without: ['a'],
        filter: { tags: { any: ['x'] } },
        explain: true,
        fields: ['title', 'tags'],
      },
    });
  });

  it('has pins, one item a place and one place an item', () => {
    const asked = askOf('user=ada&pin=2:a:b&pin=x&pin=1:c');
    expect(asked.pins).toEqual([
      { itemId: 'a:b', place: 2 },
      { itemId: 'c', place: 1 },
    ]);
    expect(queryOf(asked, false).pins).toBe('{"a:b":2,"c":1}');
    expect(bodyOf(asked).pins).toEqual({ 'a:b': 2, c: 1 });
    expect(freePlace(asked.pins)).toBe(3);
    expect(pinsInAddress(withPin(asked.pins, { itemId: 'd', place: 1 }))).toEqual(['1:d', '2:a:b']);
    expect(pinsInAddress(withPin(asked.pins, { itemId: 'c', place: 3 }))).toEqual(['2:a:b', '3:c']);
  });

  it('is not sent with a filter that is no object', () => {
    expect(['', '{}', '{', '[]', '1'].map(faultOfFilter)).toEqual([
      ...[null, null, 'is no JSON', 'must be an object', 'must be an object'],
    ]);
  });
});

describe('a filter', () => {
  it('keeps what has no field of its own', () => {
    const filter = '{"metadata.year":{"gte":2000},"tags":{"all":["a"]},"ageDays":{"gt":1}}';
    const changed = withSimple(filter, { any: ['b'], newest: 7 });
    expect(JSON.parse(changed)).toEqual({
      'metadata.year': { gte: 2000 },
      tags: { all: ['a'], any: ['b'] },
      ageDays: { gt: 1, lte: 7 },
    });
    expect(simpleOf(changed)).toEqual({ any: ['b'], none: [], newest: 7 });
    expect(JSON.parse(withSimple(changed, { any: [], newest: null }))).toEqual(JSON.parse(filter));
  });

  it('is none without a condition, and of what cannot be read', () => {
    expect([withSimple('', {}), withSimple('{"tags":{"any":["a"]}}', { any: [] })]).toEqual(['', '']);
    expect(withSimple('{', { none: ['x'] })).toBe('{"tags":{"none":["x"]}}');
    expect(tagsOf(' a, b,, a ,')).toEqual(['a', 'b']);
  });
});

describe('a call to copy', () => {
  const hostile = 'it\'s $HOME `x` "y"\\';

  it('is one that a shell passes on to the letter, without the key', () => {
    const script = curlOf(
      askOf(`user=${encodeURIComponent(hostile)}&boost=tag(%22${encodeURIComponent("a'b")}%22)`),
      PLACE,
    );
    const { stdout } = spawnSync('sh', ['-c', script.replace(/^curl/, "printf '%s\\n'")], {
      encoding: 'utf8',
      env: { ...process.env, SPARSEREC_KEY: 'of-the-shell' },
    });
    const words = stdout.trimEnd().split('\n');
    expect(words).toContain(
      `${PLACE.service}/v1/catalogs/default/users/${encodeURIComponent(hostile)}/recommendations`,
    );
    expect(words).toContain('authorization: Bearer of-the-shell');
    expect(words).toContain('boost=tag("a\'b")');
  });

  it('sends a basket as JSON', () => {
    const script = curlOf(askOf(`for=basket&item=${encodeURIComponent(hostile)}`), {
      ...PLACE,
      keysNeeded: false,
      explains: true,
    });
    const { stdout } = spawnSync('sh', ['-c', script.replace(/^curl/, "printf '%s\\n'")], {
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ items: [{ itemId: hostile }] });
    expect(stdout).not.toContain('authorization');
  });

  it('is TypeScript that means the same', () => {
    const source = typescriptOf(askOf(`user=${encodeURIComponent(hostile)}`), PLACE);
    expect(source).toContain(`id: ${JSON.stringify(hostile)}`);
    expect(source).toContain('auth: process.env.SPARSEREC_KEY');
    expect(source).toContain('k: 10');
  });
});

describe('the bar of a score', () => {
  const part = (itemId: string, value: number) => ({ itemId, part: value });

  it('ends at the sum of its parts, raised first and lowered then', () => {
    const parts = [part('a', 1), part('b', -0.5), part('c', 3)];
    expect(segmentsOf(parts)).toEqual([
      { itemId: 'c', part: 3, from: 0, to: 3 },
      { itemId: 'a', part: 1, from: 3, to: 4 },
      { itemId: 'b', part: -0.5, from: 4, to: 3.5 },
    ]);
    expect(reachOf(parts, 3.5)).toBe(4);
  });

  it('gathers what is small', () => {
    const parts = Array.from({ length: 9 }, (_, n) => part(`i${n}`, 9 - n));
    const segments = segmentsOf(parts);
    expect(segments).toHaveLength(6);
    expect(segments.at(-1)).toEqual({ itemId: null, part: 10, from: 35, to: 45 });
  });
});

describe('a held request', () => {
  const applied = (query: URLSearchParams, change: Change) => {
    const after = new URLSearchParams(query);
    for (const [name, value] of Object.entries(change)) {
      after.delete(name);
      for (const one of [value ?? []].flat()) after.append(name, one);
    }
    return after;
  };

  it('stays as it is while the form makes another one, and changes places with it', () => {
    const first = new URLSearchParams('user=ada&without=a&without=b&vs=some-model');
    const held = applied(first, holding(first));
    expect(heldIn(held)).toEqual(readAsk(first));
    expect([heldIn(first), held.get('vs')]).toEqual([null, null]);
    const changed = applied(held, { user: 'bob', without: null, boost: 'score & 1', k: '20' });
    const other = applied(changed, swapped(changed));
    expect(readAsk(other)).toEqual(readAsk(first));
    expect(heldIn(other)).toEqual(readAsk(changed));
    expect(differenceOf(readAsk(first), readAsk(changed))).toBe(
      'It differs in: user, length, boost, items as if never had',
    );
    expect(differenceOf(readAsk(first), readAsk(held))).toBe('It asks for the same');
  });
});

describe('moves', () => {
  it('are from the places of the list before', () => {
    const moves = movesOf(['a', 'b', 'c'], ['c', 'a', 'd']);
    expect([...moves]).toEqual([
      ['c', 2],
      ['a', -1],
      ['d', 'new'],
    ]);
    expect([...moves.values()].map(wordsOfMove)).toEqual([
      'is 2 places higher than in the other list',
      'is 1 place lower than in the other list',
      'was not in the other list',
    ]);
  });
});
