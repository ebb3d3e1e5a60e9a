import fc from 'fast-check';
import { parse } from 'fast-querystring';
import type { DomainError } from '#domain';
import { importItemsQuery, importQuery } from '../imports/import-query.dto.js';
import { userQuery } from '../recommendations/http/dto/recommendation.dto.js';
import { readQuickly } from './query-schema.js';
import { parseQuery, RequestPipe } from './request-checks.js';

const METADATA = { type: 'query', schema: userQuery } as const;
const RUNS = { numRuns: 500, seed: 11 };

const parameter = fc.oneof(
  fc.tuple(fc.constant('k'), fc.constantFrom('1', '20', '1000', '0', '1001', 'x', '', '1.5')),
  fc.tuple(fc.constant('exclude'), fc.constantFrom('a', 'item-1', '', '%F0%9F%8D%8E', '..')),
  fc.tuple(fc.constant('fields'), fc.constantFrom('title', 'tags,metadata', '', 'price')),
  fc.tuple(fc.constant('pins'), fc.constantFrom('{"a":1}', '{"a":21}', '{', '%7B%22a%22%3A2%7D')),
  fc.tuple(fc.constant('diversity'), fc.constantFrom('0', '0.5', '2', '1e-3')),
  fc.tuple(fc.constant('explain'), fc.constantFrom('true', 'false', 'yes')),
  fc.tuple(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'unknown', ''),
    fc.constantFrom('1', ''),
  ),
);
const query = fc
  .array(parameter, { maxLength: 5 })
  .map((parameters) => parameters.map(([name, value]) => `${name}=${value}`).join('&'));

type Outcome = { readonly data: unknown } | { readonly error: unknown };
const outcomeOf = (work: Promise<unknown>): Promise<Outcome> =>
  work.then(
    (data) => ({ data }),
    (error: unknown) => ({ error: String(error) }),
  );

describe('queries', () => {
  it('are found to be the same however often their text came before', async () => {
    const pipe = new RequestPipe();
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const fresh = text === '' ? {} : parse(text);
        const alone = await outcomeOf(new RequestPipe().transform<unknown>({ ...fresh }, METADATA));
        for (let n = 0; n < 3; n++)
          expect(await outcomeOf(pipe.transform<unknown>(parseQuery(text), METADATA))).toEqual(alone);
        expect({ ...parseQuery(text) }).toEqual({ ...parseQuery(text) });
      }),
      RUNS,
    );
  });

  it('are checked once where they are good, and cannot be changed', async () => {
    const pipe = new RequestPipe();
    const [first, second] = [parseQuery('k=7'), parseQuery('k=7')];
    expect(second).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
    const checked = await pipe.transform<unknown>(first, METADATA);
    expect(checked).toMatchObject({ k: 7, fields: ['title'] });
    expect(await pipe.transform<unknown>(second, METADATA)).toBe(checked);
  });

  it('are refused by the name of what was given twice, beside their other faults', async () => {
    const refused = async (text: string) => {
      const { errors } = (await new RequestPipe()
        .transform<unknown>(parseQuery(text), METADATA)
        .catch((error: unknown) => error)) as DomainError;
      return errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    };
    expect(await refused('k=2&k=3')).toEqual(['#/k is given 2 times: give it once']);
    expect(await refused('filter={}&surprise=1&filter={}&explain=true&explain=true&explain=true')).toEqual([
      '#/filter is given 2 times: give it once',
      '#/explain is given 3 times: give it once',
      '#/surprise unknown field',
    ]);
    expect(await refused(`${'exclude=a&'.repeat(201)}k=1`)).toEqual([expect.stringMatching(/^#.exclude /)]);
  });

  it('are told the right names of parameters of an import that are named as options', async () => {
    const refused = async (text: string, schema: object = importQuery) => {
      const { errors } = (await new RequestPipe()
        .transform<unknown>(parseQuery(text), { type: 'query', schema } as typeof METADATA)
        .catch((error: unknown) => error)) as DomainError;
      return errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    };
    const right = { noHeader: 'header=false', skipInvalid: 'onInvalid=skip', 'dry-run': 'dryRun' };
    for (const [name, parameter] of Object.entries(right))
      for (const schema of [importQuery, importItemsQuery])
        expect(await refused(`${name}=true`, schema)).toEqual([
          `#/${name} unknown field; write \`${parameter}\``,
        ]);
    expect(await refused('no-header=&header=x&header=y&time_format=iso&scale=x&data=a')).toEqual([
      '#/header is given 2 times: give it once',
      expect.stringMatching(/^#.scale /),
      '#/no-header unknown field; write `header=false`',
      '#/time_format unknown field; write `timeFormat`',
      '#/data unknown field',
    ]);
    expect(await refused('ratingasweight=true')).toEqual([
      '#/ratingasweight unknown field; write `ratingAsWeight=true`',
    ]);
    expect(await refused('ratingasweight=true', importItemsQuery)).toEqual([
      '#/ratingasweight unknown field',
    ]);
  });

  it('are read by the schemas of what is given alone, unless the whole schema has to refuse them', () => {
    for (const text of ['', 'k=7', 'exclude=a&exclude=b&k=3', 'pins={"a":2}&k=2&diversity=0.1'])
      expect(readQuickly(userQuery, parse(text))).toEqual(userQuery.parse({ ...parse(text) }));
    for (const text of ['k=0', 'unknown=1', 'pins={"a":3}&k=2', 'explain=true&paging=true', 'toString=1'])
      expect(readQuickly(userQuery, parse(text))).toBeNull();
  });

  it('are not shared where they have names that are taken out, or are long', () => {
    for (const text of ['__proto__=1', 'constructor=1&k=2', `exclude=${'a'.repeat(512)}`]) {
      expect(parseQuery(text)).not.toBe(parseQuery(text));
      expect(Object.isFrozen(parseQuery(text))).toBe(false);
    }
  });
});
