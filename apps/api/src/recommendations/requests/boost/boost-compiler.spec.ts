import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs/number';
import { compileBoost } from './boost-compiler.js';

/** The oracle compares exactly, as we do. */
const math = create(all as FactoryFunctionMap, { relTol: Number.MIN_VALUE, absTol: 0 });
const RUNS = { numRuns: 1_000, seed: 23 };
const TOLERANCE = 1e-12;

const { expression } = fc.letrec<{ expression: string; leaf: string; node: string }>((tie) => ({
  expression: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('node')),
  leaf: fc.oneof(
    fc.nat(5).map(String),
    fc.constantFrom('0.5', 'true', 'false', 'score', 'popularity', 'ageDays'),
    fc.constantFrom('tag("a")', 'tag("b")', 'metadata("year")', "metadata('a b')"),
  ),
  node: fc.oneof(
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '^', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'),
        tie('expression'),
      )
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc
      .tuple(fc.constantFrom('log', 'exp', 'sqrt', 'abs', 'round', '-', 'not '), tie('expression'))
      .map(([name, a]) => `(${name}(${a}))`),
    fc
      .tuple(fc.constantFrom('min', 'max'), fc.array(tie('expression'), { minLength: 1, maxLength: 3 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
  ),
}));

const items = fc.record({
  score: fc.constantFrom(0, 0.25, 1, 3),
  popularity: fc.nat(3),
  ageDays: fc.constantFrom(0, 0.5, 100),
  a: fc.constantFrom(0, 1),
  b: fc.constantFrom(0, 1),
  year: fc.constantFrom(0, 1999, -2.5),
  'a b': fc.nat(2),
});

describe('a compiled boost', () => {
  it('computes what mathjs computes', () => {
    let finite = 0;
    fc.assert(
      fc.property(expression, items, (text, item) => {
        fc.pre(text.length <= 500);
        const { evaluate, lookups } = compileBoost(text);
        const read = (name: string) => item[name as keyof typeof item];
        const slots = [item.score, item.popularity, item.ageDays, ...lookups.map(({ name }) => read(name))];
        const actual = evaluate(Float64Array.from(slots));
        const scope = { ...item, tag: read, metadata: read };
        const expected = Number(math.evaluate(text, scope));
        if (Number.isFinite(expected)) finite++;
        if (Number.isNaN(expected)) {
          expect(actual).toBeNaN();
          return;
        }
        if (!Number.isFinite(expected)) {
          expect(actual).toBe(expected);
          return;
        }
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(TOLERANCE * (1 + Math.abs(expected)));
      }),
      RUNS,
    );
    expect(finite).toBeGreaterThan(500);
  });

  it.each([
    ['1 / round(-0.2)', -Infinity],
    ['1 / round(-score)', Infinity],
    ['1 / min(0, -score)', Infinity],
    ['1 / min(-score, 0)', -Infinity],
    ['1 / max(-score, 0)', -Infinity],
    ['max(1, 0/0, 2)', NaN],
    ['min(1, 2, 0/0)', NaN],
  ])('computes %s as mathjs does, where the sign of 0 counts', (text, expected) => {
    expect(compileBoost(text).evaluate(new Float64Array(3))).toBe(expected);
    expect(math.evaluate(text, { score: 0 })).toBe(expected);
  });

  it('says what it reads', () => {
    const { variables, lookups } = compileBoost('score + tag("x") * metadata("x") + tag("x") + ageDays');
    expect([...variables]).toEqual(['score', 'ageDays']);
    expect(lookups).toEqual([
      { of: 'tag', name: 'x' },
      { of: 'metadata', name: 'x' },
    ]);
  });

  it.each(['max', 'min', 'abs', '-', 'not '])(
    'computes each part once, however deep %s is nested',
    (name) => {
      const { evaluate } = compileBoost(`${`${name}(`.repeat(9)}score${')'.repeat(9)}`);
      let reads = 0;
      const get = () => {
        reads++;
        return 3;
      };
      evaluate(new Proxy(new Float64Array(3), { get }));
      expect(reads).toBe(1);
    },
  );

  it('computes only the part of a conditional that is chosen', () => {
    expect(compileBoost('score > 0 ? 1 : 0/0').evaluate(Float64Array.of(1, 0, 0))).toBe(1);
  });
});
