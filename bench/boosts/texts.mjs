/** Texts that a client may send as a boost: right ones, broken ones, and those that try to get out. */

const LEAVES = ['0', '1', '2.5', '1e-9', '1e308', 'true', 'score', 'popularity', 'ageDays'];
const LOOKUPS = ['tag("a")', "tag('b c')", 'metadata("year")', 'userTag("a")', 'userMetadata("age")'];
const BINARY = ['+', '-', '*', '/', '^', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'];
const UNARY = ['-', 'not ', 'log', 'exp', 'sqrt', 'abs', 'round'];
/** Of mathjs and of JavaScript, none of which a boost may have. */
const FOREIGN = [
  ...[
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'process',
    'globalThis',
    'import',
    'eval',
    'parse',
  ],
  ...['typed', 'createUnit("x")', 'simplify("x")', 'f(x) = x', 'x = 1', '[1, 2]', '{a: 1}', '1:1e9', '1;2'],
  ...['5 cm', 'i', 'NaN', 'Infinity', 'null', 'bignumber(1)', 'range(1, 1e9)', 'ones(1e9)', '1e999', '5!'],
  ...[
    "score'",
    '.*',
    '.^',
    '<<',
    'xor',
    'mod',
    '%',
    'to',
    '?',
    ':',
    '#',
    '"',
    "'",
    '\\',
    '\u0000',
    '\u{1f600}',
  ],
];
const CHARACTERS = [...'0123456789.eE+-*/^<>=!()[]{},;:?"\' \t\nscoretag_$#%&|~@\\', '\u2028', '\ud800', 'é'];
const MAX_LENGTH = 520;

export class Texts {
  /** @param random numbers from 0 to 1 */
  constructor(random) {
    this.random = random;
  }

  next() {
    const kind = this.random();
    const text = kind < 0.1 ? this.#deep() : this.#expression(1 + this.#below(6));
    if (kind < 0.5) return text;
    if (kind < 0.8) return this.#broken(text);
    return this.#withForeign(text).slice(0, MAX_LENGTH);
  }

  #below(end) {
    return Math.floor(this.random() * end);
  }

  #one(values) {
    return values[this.#below(values.length)];
  }

  #expression(depth) {
    const inner = () => this.#expression(depth - 1);
    if (depth === 0 || this.random() < 0.15) return this.#one(this.random() < 0.7 ? LEAVES : LOOKUPS);
    const kind = this.#below(5);
    if (kind < 2) return `(${inner()} ${this.#one(BINARY)} ${inner()})`;
    if (kind === 2) return `(${this.#one(UNARY)}(${inner()}))`;
    if (kind === 3) return `(${inner()} ? ${inner()} : ${inner()})`;
    return `${this.#one(['min', 'max'])}(${Array.from({ length: 1 + this.#below(4) }, inner).join(', ')})`;
  }

  /** One thing again and again, up to the longest text and beyond. */
  #deep() {
    const [open, close] = this.#one([
      ...[
        ['(', ')'],
        ['[', ']'],
        ['{a: ', '}'],
        ['-', ''],
        ['not ', ''],
        ['1 ^ ', ''],
        ['score ? 1 : ', ''],
      ],
      ...[
        ['max(', ')'],
        ['1 < ', ''],
        ['score.', ''],
        ['"', '"'],
        ['1, ', ''],
        ['f(x) = ', ''],
        ['1e', ''],
      ],
    ]);
    const times = 1 + this.#below(MAX_LENGTH / (open.length + close.length));
    return `${open.repeat(times)}1${close.repeat(times)}`;
  }

  /** With some characters put in, taken away or replaced. */
  #broken(text) {
    let broken = text;
    for (let n = this.#below(4); n >= 0; n--) {
      const at = this.#below(broken.length + 1);
      const put = this.random() < 0.7 ? this.#one(CHARACTERS) : '';
      broken = broken.slice(0, at) + put + broken.slice(at + this.#below(3));
    }
    return broken;
  }

  #withForeign(text) {
    const at = this.#below(text.length + 1);
    const foreign = this.#one(FOREIGN);
    return this.#one([
      `${text.slice(0, at)}${foreign}${text.slice(at)}`,
      `${text}.${foreign}`,
      `(${text})["${foreign}"]`,
      `${foreign}(${text})`,
      `"a".constructor("return ${foreign}")()`,
    ]);
  }
}
