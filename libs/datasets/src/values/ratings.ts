import { InvalidValue, isAbsent, quoted } from './invalid-value.js';
import { toNumber } from './numbers.js';

/** The type of a row whose rating is no like: it counts as seen, and not as liked. */
export const LOW_RATING = 'low-rating';
export const NOT_RATED = 'not rated';

/** The largest rating of each scale that is looked for, and from where on one is a like. */
const SCALES: readonly (readonly [scale: number, likedFrom: number])[] = [
  [1, 1],
  [5, 4],
  [10, 7],
  [100, 70],
];
const LIKED_FROM_WITH_HALF_STEPS = 3.5;
/** Of a scale that is none of the usual ones. */
const LIKED_SHARE = 0.7;

export interface RatingOptions {
  readonly scale?: number | undefined;
  /** What a rating of 0 is on a scale above 1. */
  readonly unrated?: 'like' | undefined;
  readonly minRating?: number | undefined;
  readonly ratingAsWeight?: boolean | undefined;
  readonly allRatingsPositive?: boolean | undefined;
}

/** How the ratings of a data set are read. */
export interface RatingRule {
  /** `scale`, `min-rating`, `weight` or `all-positive`. */
  readonly kind: 'scale' | 'min-rating' | 'weight' | 'all-positive';
  /** The largest rating that there can be; null when it does not matter. */
  readonly scale: number | null;
  /** Ratings from here on are likes. */
  readonly likedFrom: number;
  readonly keepsUnrated: boolean;
  /** Whether some rating or an option says the scale. */
  readonly isKnown: boolean;
}

/** Looks at all ratings, which then are of one scale. */
export class RatingSurvey {
  #largest = -Infinity;
  #smallest = Infinity;
  #hasParts = false;
  #seen = 0;
  #tooLargeLine = 0;

  constructor(private readonly decimalComma: boolean) {}

  see(value: unknown, line: number): void {
    const rating = toNumber(value, this.decimalComma);
    if (Number.isNaN(rating)) return;
    this.#seen++;
    if (rating > 100 && this.#tooLargeLine === 0) this.#tooLargeLine = line;
    this.#largest = Math.max(this.#largest, rating);
    this.#smallest = Math.min(this.#smallest, rating);
    this.#hasParts ||= !Number.isInteger(rating);
  }

  /** Line of the first rating that no scale holds; 0 without one. */
  get tooLargeLine(): number {
    return this.#tooLargeLine;
  }

  get allEqual(): boolean {
    return this.#seen > 0 && this.#largest === this.#smallest;
  }

  /** The rule; null when no scale holds the largest rating. */
  decide(options: RatingOptions): RatingRule | null {
    const keepsUnrated = options.unrated === 'like';
    const isKnown = this.#seen > 0 || options.scale !== undefined;
    const told = { keepsUnrated, isKnown };
    if (options.ratingAsWeight) return { kind: 'weight', scale: null, likedFrom: 0, ...told };
    const largest = this.#largest;
    const scale = options.scale ?? SCALES.find(([candidate]) => candidate >= largest)?.[0] ?? null;
    if (options.allRatingsPositive) return { kind: 'all-positive', scale, likedFrom: -Infinity, ...told };
    if (options.minRating !== undefined)
      return { kind: 'min-rating', scale, likedFrom: options.minRating, ...told };
    return scale === null ? null : { kind: 'scale', scale, likedFrom: this.#likedFrom(scale), ...told };
  }

  #likedFrom(scale: number): number {
    if (scale === 5 && this.#hasParts) return LIKED_FROM_WITH_HALF_STEPS;
    return SCALES.find(([candidate]) => candidate === scale)?.[1] ?? asWritten(LIKED_SHARE * scale);
  }
}

/** 4.9 and not 4.8999999999999995: a product as people write it. */
function asWritten(product: number): number {
  return Number(product.toPrecision(12));
}

/**
 * Reads one rating.
 *
 * @returns null when the row is not rated
 * @throws InvalidValue
 */
export function readRating(
  value: unknown,
  { rule, name, decimalComma }: { rule: RatingRule; name: string | number; decimalComma: boolean },
): number | null {
  if (isAbsent(value)) return rule.keepsUnrated ? Infinity : null;
  const rating = toNumber(value, decimalComma);
  if (rating === 0 && rule.scale !== 1) return rule.keepsUnrated ? Infinity : null;
  if (rating >= leastOf(rule) && rating <= (rule.scale ?? Infinity)) return rating;
  throw new InvalidValue(`${name} is ${quoted(value)}, and a rating must be a number${rangeOf(rule)}`, {
    role: 'rating',
    remedies: remediesFor(rating, rule, name),
  });
}

/** Where nobody says from where on a rating is a like, one below 0 is on no scale. */
function leastOf({ kind }: RatingRule): number {
  return kind === 'min-rating' || kind === 'all-positive' ? -Infinity : 0;
}

/** None where no rating says of which scale they are. */
function rangeOf(rule: RatingRule): string {
  const { scale, isKnown } = rule;
  if (!isKnown) return '';
  if (leastOf(rule) < 0) return scale === null ? '' : ` of at most ${scale}`;
  return ` from 0${scale === null ? '' : ` to ${scale}`}`;
}

function remediesFor(rating: number, { scale }: RatingRule, name: string | number): readonly string[] {
  if (Number.isNaN(rating)) return [`say --columns type=${name} if it is the type of an interaction`];
  if (rating < 0)
    return [
      'say --min-rating with the rating from which on one is a like',
      '--all-ratings-positive if each is one',
    ];
  return scale === null ? [] : ['say --scale with the largest rating that there can be'];
}

/** @returns whether the label is 1. @throws InvalidValue */
export function readLabel(value: unknown, name: string | number): boolean {
  const label = typeof value === 'boolean' ? Number(value) : toNumber(value);
  if (label === 0 || label === 1) return label === 1;
  throw new InvalidValue(`${name} is ${quoted(value)}, and a label must be 0 or 1`, { role: 'label' });
}
