/** What an expression can compute of numbers; truth is 1, untruth 0. */
export type Operation =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'pow'
  | 'unaryMinus'
  | 'smaller'
  | 'smallerEq'
  | 'larger'
  | 'largerEq'
  | 'equal'
  | 'unequal'
  | 'and'
  | 'or'
  | 'not'
  | 'min'
  | 'max'
  | 'log'
  | 'exp'
  | 'sqrt'
  | 'abs'
  | 'round'
  | 'conditional';

/** What an expression can read of every item. */
export const VARIABLES = ['score', 'popularity', 'ageDays'] as const;
export type Variable = (typeof VARIABLES)[number];

/** What can be looked up by a name: of every item, or of the user whom the list is for. */
export const LOOKUPS = ['tag', 'metadata', 'userTag', 'userMetadata'] as const;

/** One of them with a name, such as `tag("…")`. */
export interface Lookup {
  readonly of: (typeof LOOKUPS)[number];
  readonly name: string;
}

/** A checked expression: nothing in it is from the parser. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: Variable }
  | ({ readonly kind: 'lookup' } & Lookup)
  | { readonly kind: 'operation'; readonly operation: Operation; readonly args: readonly Expression[] };

export const BOOST_LIMITS = { length: 500, depth: 20, nodes: 100 } as const;

/** An expression that is refused, with the part of it that is the reason. */
export class BoostError extends Error {}
