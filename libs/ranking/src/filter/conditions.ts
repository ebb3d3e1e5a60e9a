import type { Condition, Scalar } from '../items/item-column.js';
import type { AgeCondition, MetadataCondition } from './filter.schema.js';

const DAY_MS = 86_400_000;

/** The item has the tag. */
export function hasTag(tag: string): Condition {
  return (value) => Array.isArray(value) && value.includes(tag);
}

/**
 * A member of `metadata` meets all parts of a condition; a list does when one of its entries meets them all.
 */
export function meets(condition: MetadataCondition): Condition {
  const isMet = (value: Scalar) => isIn(value, condition) && isWithin(value, condition);
  return (value) => {
    if (value === undefined) return false;
    return typeof value === 'object' ? value.some(isMet) : isMet(value);
  };
}

/** The item has existed for so many days. */
export function isAged(condition: AgeCondition, now: number): Condition {
  return (createdAt) => typeof createdAt === 'number' && isWithin((now - createdAt) / DAY_MS, condition);
}

function isIn(value: Scalar, { eq, in: among }: MetadataCondition): boolean {
  return (eq === undefined || value === eq) && (among === undefined || among.includes(value));
}

/** Numbers compare with numbers and texts with texts, by code unit; anything else is outside. */
function isWithin(value: Scalar, { gt, gte, lt, lte }: Pick<MetadataCondition, 'gt' | 'gte' | 'lt' | 'lte'>) {
  return (
    (gt === undefined || (typeof value === typeof gt && value > gt)) &&
    (gte === undefined || (typeof value === typeof gte && value >= gte)) &&
    (lt === undefined || (typeof value === typeof lt && value < lt)) &&
    (lte === undefined || (typeof value === typeof lte && value <= lte))
  );
}
