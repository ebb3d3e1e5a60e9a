import { DomainError, idRule, isId, LIMITS } from '#domain';
import { isWeight, toNumber } from './numbers.js';

const EXAMPLE = 'write type=weight, for example view=1,buy=5';

/**
 * Reads training weights of interaction types: `view=1,buy=5`. A type may have `=` in its name.
 *
 * @throws DomainError `validation-failed`
 */
export function parseTypeWeights(text: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of text.split(',')) {
    const at = Math.max(0, part.lastIndexOf('='));
    const type = part.slice(0, at).trim();
    const weight = toNumber(part.slice(at + 1).trim());
    const shown = `"${part.slice(0, 80)}"`;
    if (type === '') throw invalidWeights(`${shown} names no type`);
    if (!isId(type, LIMITS.interactionTypeLength))
      throw invalidWeights(`the type of ${shown} ${idRule(LIMITS.interactionTypeLength)}`);
    if (!isWeight(weight))
      throw invalidWeights(`the weight of ${shown} must be a number above 0 and at most ${LIMITS.weight}`);
    if (weights.has(type)) throw invalidWeights(`${type} is given twice`);
    weights.set(type, weight);
  }
  return weights;
}

function invalidWeights(reason: string): DomainError {
  return new DomainError('validation-failed', `type weights: ${reason}; ${EXAMPLE}`);
}
