import {
  DEFAULT_INTERACTION_TYPE,
  EXTERNAL_ID_RULE,
  idRule,
  isExternalId,
  isId,
  LIMITS,
  readAttribution,
  readRecommendationId,
  type Interaction,
} from '#domain';
import { InvalidValue, isAbsent, quoted } from './invalid-value.js';

/**
 * An id as text, with its zeros. A number above 2⁵³ has lost digits already, so that two ids may have become
 * one.
 *
 * @throws InvalidValue
 */
export function readId(value: unknown, name: string | number): string {
  if (typeof value === 'string') {
    if (isExternalId(value)) return value;
    throw new InvalidValue(value === '' ? `${name} is missing` : `${name} ${EXTERNAL_ID_RULE}`);
  }
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
    throw new InvalidValue(`${name} is a number of more digits than can be read exactly; write it as text`);
  }
  if (typeof value === 'bigint') return String(value);
  if (value === undefined || value === null) throw new InvalidValue(`${name} is missing`);
  throw new InvalidValue(`${name} is ${quoted(value)}, which is neither text nor a number`);
}

/** @throws InvalidValue */
export function readType(value: unknown): string {
  if (isAbsent(value)) return DEFAULT_INTERACTION_TYPE;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && isId(text, LIMITS.interactionTypeLength)) return text;
  throw new InvalidValue(`type ${idRule(LIMITS.interactionTypeLength)}`, { role: 'type' });
}

/** @throws InvalidValue */
export function readRecommendedBy(value: unknown, now: Date): Interaction['recommendedBy'] {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string' && readRecommendationId(value))
    return readAttribution(value, now) ?? undefined;
  throw new InvalidValue('recommendationId must be one that an answer had', { role: 'recommendation' });
}
