import { LRUCache } from 'lru-cache';
import {
  VARIABLES,
  type Expression,
  type Lookup,
  type Operation,
  type Variable,
} from './boost-expression.js';
import { parseBoost } from './boost-parser.js';

/** Values of one item: the variables in their order, then the lookups. */
type Slots = Float64Array;
type Evaluate = (slots: Slots) => number;

/** An expression as a closure of our own. */
export interface CompiledBoost {
  /** Of `VARIABLES`, those that it reads. */
  readonly variables: ReadonlySet<Variable>;
  /** What follows the variables in the slots. */
  readonly lookups: readonly Lookup[];
  /** Whether one of the lookups is of the user whom a list is for. */
  readonly readsUser: boolean;
  readonly evaluate: Evaluate;
}

const COMPILED = new LRUCache<string, CompiledBoost>({ max: 500 });

/** The same text is compiled once, as long as it is in use. @throws BoostError */
export function compileBoost(text: string): CompiledBoost {
  const cached = COMPILED.get(text);
  if (cached) return cached;
  const compiled = compile(parseBoost(text));
  COMPILED.set(text, compiled);
  return compiled;
}

export function compile(expression: Expression): CompiledBoost {
  const variables = new Set<Variable>();
  const lookups: Lookup[] = [];
  const evaluate = toClosure(expression, (part) => {
    if (part.kind === 'variable') {
      variables.add(part.name);
      return VARIABLES.indexOf(part.name);
    }
    const earlier = lookups.findIndex(({ of, name }) => of === part.of && name === part.name);
    return VARIABLES.length + (earlier >= 0 ? earlier : lookups.push({ of: part.of, name: part.name }) - 1);
  });
  const readsUser = lookups.some(({ of }) => of === 'userTag' || of === 'userMetadata');
  return { variables, lookups, readsUser, evaluate };
}

type Read = Extract<Expression, { kind: 'variable' | 'lookup' }>;

function toClosure(expression: Expression, slotOf: (part: Read) => number): Evaluate {
  switch (expression.kind) {
    case 'number': {
      const { value } = expression;
      return () => value;
    }
    case 'variable':
    case 'lookup': {
      const slot = slotOf(expression);
      return (slots) => slots[slot]!;
    }
    case 'operation':
      return apply(
        expression.operation,
        expression.args.map((arg) => toClosure(arg, slotOf)),
      );
  }
}

/** As mathjs does: halves away from zero, -0.2 to -0, and -0 to 0. */
function round(value: number): number {
  return value === 0 ? 0 : Math.sign(value) * Math.round(Math.abs(value));
}

/** Of 0 and -0 the first one, as mathjs does; what is no number stays. */
const least = (a: number, b: number) => (b < a || Number.isNaN(b) ? b : a);
const largest = (a: number, b: number) => (b > a || Number.isNaN(b) ? b : a);

const UNARY: Readonly<Partial<Record<Operation, (a: number) => number>>> = {
  unaryMinus: (a) => -a,
  not: (a) => (a ? 0 : 1),
  log: Math.log,
  exp: Math.exp,
  sqrt: Math.sqrt,
  abs: Math.abs,
  round,
};

const BINARY: Readonly<Partial<Record<Operation, (a: number, b: number) => number>>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  pow: Math.pow,
  smaller: (a, b) => Number(a < b),
  smallerEq: (a, b) => Number(a <= b),
  larger: (a, b) => Number(a > b),
  largerEq: (a, b) => Number(a >= b),
  equal: (a, b) => Number(a === b),
  unequal: (a, b) => Number(a !== b),
  and: (a, b) => (a && b ? 1 : 0),
  or: (a, b) => (a || b ? 1 : 0),
};

/** Each part is computed once at most, and of a conditional only the part that is chosen. */
function apply(operation: Operation, args: readonly Evaluate[]): Evaluate {
  const [first, second, third] = args as [Evaluate, Evaluate, Evaluate];
  const [unary, binary] = [UNARY[operation], BINARY[operation]];
  if (unary) return (slots) => unary(first(slots));
  if (binary) return (slots) => binary(first(slots), second(slots));
  if (operation === 'conditional') return (slots) => (first(slots) ? second(slots) : third(slots));
  const best = operation === 'min' ? least : largest;
  const others = args.slice(1);
  return (slots) => others.reduce((value, arg) => best(value, arg(slots)), first(slots));
}
