import type {
  ConditionalNode,
  ConstantNode,
  FunctionNode,
  MathNode,
  OperatorNode,
  ParenthesisNode,
  SymbolNode,
} from 'mathjs';
import { LIMITS } from '#domain';
import {
  BOOST_LIMITS,
  BoostError,
  LOOKUPS,
  VARIABLES,
  type Expression,
  type Lookup,
  type Operation,
} from './boost-expression.js';
import { parse } from './mathjs-parse.js';

/** Operators by mathjs's name and sign: both must be right. */
const OPERATORS: ReadonlyMap<string, { readonly sign: string; readonly arity: number }> = new Map(
  (
    [
      ['add', '+', 2],
      ['subtract', '-', 2],
      ['multiply', '*', 2],
      ['divide', '/', 2],
      ['pow', '^', 2],
      ['unaryMinus', '-', 1],
      ['smaller', '<', 2],
      ['smallerEq', '<=', 2],
      ['larger', '>', 2],
      ['largerEq', '>=', 2],
      ['equal', '==', 2],
      ['unequal', '!=', 2],
      ['and', 'and', 2],
      ['or', 'or', 2],
      ['not', 'not', 1],
    ] satisfies [Operation, string, number][]
  ).map(([name, sign, arity]) => [name, { sign, arity }]),
);

/** Functions of numbers, with the fewest and the most arguments. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map<Operation, [number, number]>([
  ['min', [1, BOOST_LIMITS.nodes]],
  ['max', [1, BOOST_LIMITS.nodes]],
  ['log', [1, 1]],
  ['exp', [1, 1]],
  ['sqrt', [1, 1]],
  ['abs', [1, 1]],
  ['round', [1, 1]],
]);

/** What nodes are called where they are refused. */
const NAMES: Readonly<Record<string, string>> = {
  AccessorNode: 'access to a property or an index',
  ArrayNode: 'a matrix',
  AssignmentNode: 'an assignment',
  BlockNode: 'more than one expression',
  FunctionAssignmentNode: 'the definition of a function',
  IndexNode: 'an index',
  ObjectNode: 'an object',
  RangeNode: 'a range',
  RelationalNode: 'a chain of comparisons',
};

/**
 * Reads an expression in mathjs syntax. mathjs only parses; every node is checked against the lists above and
 * copied, so that nothing of mathjs is ever evaluated.
 *
 * @throws BoostError for anything else, and for what is too long, too deep or too large
 */
export function parseBoost(text: string): Expression {
  if (text.length > BOOST_LIMITS.length)
    throw new BoostError(`must have at most ${BOOST_LIMITS.length} characters`);
  return new Checker().check(parseText(text), 1);
}

function parseText(text: string): MathNode {
  try {
    return parse(text);
  } catch (error) {
    // of the call stack: a parenthesis takes the parser twenty calls, and how many fit is up to Node
    if (error instanceof RangeError) throw new TooDeep();
    throw new BoostError(`cannot be parsed: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
}

class TooDeep extends BoostError {
  constructor() {
    super(`must not be nested deeper than ${BOOST_LIMITS.depth}`);
  }
}

class Checker {
  #nodes = 0;

  check(node: MathNode, depth: number): Expression {
    if (depth > BOOST_LIMITS.depth) throw new TooDeep();
    if (++this.#nodes > BOOST_LIMITS.nodes)
      throw new BoostError(`must have at most ${BOOST_LIMITS.nodes} parts`);
    switch (node.type) {
      case 'ConstantNode':
        return number((node as ConstantNode).value);
      case 'SymbolNode':
        return variable((node as SymbolNode).name);
      case 'ParenthesisNode':
        return this.check((node as ParenthesisNode).content, depth + 1);
      case 'OperatorNode':
        return this.#operator(node as OperatorNode, depth);
      case 'ConditionalNode':
        return this.#conditional(node as ConditionalNode, depth);
      case 'FunctionNode':
        return this.#call(node as FunctionNode, depth);
      default:
        throw new BoostError(`${NAMES[node.type] ?? `"${node.type}"`} is not allowed`);
    }
  }

  #operator(node: OperatorNode, depth: number): Expression {
    const { fn, op, args, isPercentage } = node as OperatorNode & { readonly isPercentage?: boolean };
    const operator = OPERATORS.get(fn);
    if (operator?.sign !== op || operator.arity !== args.length || isPercentage)
      throw new BoostError(`operator "${isPercentage ? '%' : op}" is not allowed`);
    return this.#operation(fn, args, depth);
  }

  #conditional({ condition, trueExpr, falseExpr }: ConditionalNode, depth: number): Expression {
    return this.#operation('conditional', [condition, trueExpr, falseExpr], depth);
  }

  #call({ fn, args }: FunctionNode, depth: number): Expression {
    const callee = fn as MathNode;
    if (callee.type !== 'SymbolNode')
      throw new BoostError('a call of anything but a named function is not allowed');
    const { name } = callee as SymbolNode;
    const of = LOOKUPS.find((known) => known === name);
    if (of) return lookup(of, args);
    const arity = FUNCTIONS.get(name);
    if (!arity) throw new BoostError(`function "${name}" is not allowed`);
    if (args.length < arity[0] || args.length > arity[1])
      throw new BoostError(`function "${name}" cannot have ${args.length} arguments`);
    return this.#operation(name as Operation, args, depth);
  }

  #operation(operation: Operation, args: readonly MathNode[], depth: number): Expression {
    return { kind: 'operation', operation, args: args.map((arg) => this.check(arg, depth + 1)) };
  }
}

function number(value: unknown): Expression {
  if (typeof value === 'boolean') return { kind: 'number', value: Number(value) };
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'number', value };
  if (typeof value === 'string')
    throw new BoostError(
      `text ${JSON.stringify(value)} is allowed only in ${LOOKUPS.map((of) => `${of}("…")`).join(', ')}`,
    );
  throw new BoostError(`constant "${String(value)}" is not allowed`);
}

function variable(symbol: string): Expression {
  const name = VARIABLES.find((known) => known === symbol);
  if (!name) throw new BoostError(`"${symbol}" is not one of ${VARIABLES.join(', ')}`);
  return { kind: 'variable', name };
}

function lookup(of: Lookup['of'], args: readonly MathNode[]): Expression {
  const [node] = args;
  const name = node?.type === 'ConstantNode' ? (node as ConstantNode<string>).value : undefined;
  if (args.length !== 1 || typeof name !== 'string' || name === '' || name.length > LIMITS.tagLength)
    throw new BoostError(`${of}(…) must have one text of 1 to ${LIMITS.tagLength} characters`);
  return { kind: 'lookup', of, name };
}
