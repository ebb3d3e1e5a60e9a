import { compileBoost } from './boost-compiler.js';
import { BoostError } from './boost-expression.js';
import { parseBoost } from './boost-parser.js';
import { parse } from './mathjs-parse.js';

/** Whatever mathjs could evaluate a node with. */
const EVALUATORS = prototypesOf(
  'a = f(-1 + x) ? [b[1], (2), "c"] : {d: 1 < 2 < 3, e: 1:2}; g(h) = null',
).flatMap((prototype) =>
  ['evaluate', 'compile', '_compile', 'eval']
    .filter((method) => typeof prototype[method] === 'function')
    .map((method) => jest.spyOn(prototype as { compile: () => void }, method as 'compile')),
);

/** Of the kinds of nodes in an expression, and of what they are made from. */
function prototypesOf(text: string): Record<string, unknown>[] {
  const found = new Set<Record<string, unknown>>();
  parse(text).traverse((node) => {
    for (let one: unknown = node; (one = Object.getPrototypeOf(one)) !== Object.prototype;)
      found.add(one as Record<string, unknown>);
  });
  return [...found];
}

function refusal(text: string): string {
  try {
    compileBoost(text);
  } catch (error) {
    if (error instanceof BoostError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('boost expressions', () => {
  afterAll(() => {
    // Nothing in this file, refused or not, was evaluated by mathjs.
    expect(EVALUATORS.length).toBeGreaterThan(5);
    for (const evaluator of EVALUATORS) expect(evaluator).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  it.each([
    ['import({score: 1}, {override: true})', 'function "import"'],
    ['createUnit("foo")', 'function "createUnit"'],
    ['parse("1 + 1")', 'function "parse"'],
    ['evaluate("1 + 1")', 'function "evaluate"'],
    ['simplify("score + score")', 'function "simplify"'],
    ['derivative("x^2", "x")', 'function "derivative"'],
    ['resolve("x")', 'function "resolve"'],
    ['config({})', 'function "config"'],
    ['typed("f")', 'function "typed"'],
    ['constructor("return 1")', 'function "constructor"'],
    ['toString()', 'function "toString"'],
    ['hasOwnProperty("tag")', 'function "hasOwnProperty"'],
    ['max(score, parse("1"))', 'function "parse"'],
    ['score(1)', 'function "score"'],
    ['random()', 'function "random"'],
    ['f(x) = x + 1', 'the definition of a function'],
    ['score = 3', 'an assignment'],
    ['score.constructor', 'access to a property'],
    ['"a".constructor', 'access to a property'],
    ['"a"["constructor"]', 'access to a property'],
    ['"a".constructor("return process")', 'a call of anything but a named function'],
    ['"a".max(1, 2)', 'a call of anything but a named function'],
    ['tag("a").constructor', 'access to a property'],
    ['max.constructor', 'access to a property'],
    ['1:1e9', 'a range'],
    ['max(1:1e9)', 'a range'],
    ['[1, 2; 3, 4]', 'a matrix'],
    ['{a: score}', 'an object'],
    ['score; popularity', 'more than one expression'],
    ['score\npopularity', 'more than one expression'],
    ['1 < score < 2', 'a chain of comparisons'],
    ['5!', 'operator "!"'],
    ["score'", 'operator "\'"'],
    ['score % 2', 'operator "%"'],
    ['score * 5%', 'operator "%"'],
    ['score .* 2', 'operator ".*"'],
    ['score xor 1', 'operator "xor"'],
    ['score | 1', 'operator "|"'],
    ['score << 1', 'operator "<<"'],
    ['5 cm to inch', 'operator "to"'],
    ['+score', 'operator "+"'],
    ['5 cm', '"cm" is not one of'],
    ['pi', '"pi" is not one of'],
    ['end', '"end" is not one of'],
    ['__proto__', '"__proto__" is not one of'],
    ['"score"', 'text "score"'],
    ['null', 'constant "null"'],
    ['NaN', 'constant "NaN"'],
    ['Infinity', 'constant "Infinity"'],
    ['1e999', 'constant "Infinity"'],
    ['undefined', 'constant "undefined"'],
    ['# nothing', 'constant "undefined"'],
    ['log(1, 2)', 'function "log" cannot have 2'],
    ['sqrt()', 'function "sqrt" cannot have 0'],
    ['tag(score)', 'tag(…) must have one text'],
    ['tag("a", "b")', 'tag(…) must have one text'],
    ['tag(["a"])', 'tag(…) must have one text'],
    ['metadata()', 'metadata(…) must have one text'],
    ['metadata("")', 'metadata(…) must have one text'],
    ['metadata(1)', 'metadata(…) must have one text'],
    ['score +', 'cannot be parsed'],
    ['score $ 1', '"$" is not one of'],
    ['score = = 1', 'cannot be parsed'],
    ['"a".constructor("return process")()', 'cannot be parsed'],
    ['((score)', 'cannot be parsed'],
    ['"a', 'cannot be parsed'],
  ])('refuse %j by name', (text, part) => {
    expect(refusal(text)).toContain(part);
  });

  it('refuse what is too long, too deep or too large, whatever it is', () => {
    expect(refusal(`${'('.repeat(10_000)}1${')'.repeat(10_000)}`)).toContain('at most 500 characters');
    expect(refusal('1'.repeat(501))).toContain('at most 500 characters');
    expect(refusal(`${'('.repeat(249)}1${')'.repeat(249)}`)).toContain('nested deeper than 20');
    expect(refusal(`${'['.repeat(249)}1${']'.repeat(249)}`)).toMatch(/a matrix|nested deeper than 20/);
    expect(refusal(`${'-'.repeat(499)}1`)).toContain('nested deeper than 20');
    expect(refusal(`${'['.repeat(20)}1${']'.repeat(20)}`)).toContain('a matrix');
    expect(refusal(`max(${Array(100).fill('1').join()})`)).toContain('at most 100 parts');
    expect(refusal(`max(${Array(99).fill('1').join()})`)).toBe('accepted');
    expect(refusal(`${'('.repeat(19)}1${')'.repeat(19)}`)).toBe('accepted');
    expect(refusal(`${'('.repeat(20)}1${')'.repeat(20)}`)).toContain('nested deeper than 20');
  });

  it('are copied node by node', () => {
    expect(parseBoost('score * (1 + tag("a"))')).toEqual({
      kind: 'operation',
      operation: 'multiply',
      args: [
        { kind: 'variable', name: 'score' },
        {
          kind: 'operation',
          operation: 'add',
          args: [
            { kind: 'number', value: 1 },
            { kind: 'lookup', of: 'tag', name: 'a' },
          ],
        },
      ],
    });
  });

  it('are compiled once for a text that is in use', () => {
    expect(compileBoost('score * 7')).toBe(compileBoost('score * 7'));
  });
});
