import { DomainError } from '#domain';
import { coreOf, type CoreLimits } from './core.js';
import { LEFT_OUT, renumber } from './events.js';
import { pairsOf } from './pairs.js';
import type { NamedEvents } from './read-events.js';

/**
 * The events of the users and items that have enough likes, see `coreOf`; the others lose their numbers.
 *
 * @throws DomainError `validation-failed` if nothing is left
 */
export function withinCore(named: NamedEvents, limits: CoreLimits): NamedEvents {
  if (limits.minUser <= 1 && limits.minItem <= 1) return named;
  const [events] = named.parts;
  const core = coreOf(pairsOf(events!).matrix, limits);
  const [users, items] = [numbersOf(core.users), numbersOf(core.items)];
  const left = {
    userIds: named.userIds.filter((_, user) => core.users[user]),
    itemIds: named.itemIds.filter((_, item) => core.items[item]),
  };
  if (left.userIds.length === 0 || left.itemIds.length === 0) throw nothingLeft(limits);
  const size = { numUsers: left.userIds.length, numItems: left.itemIds.length };
  return { ...left, parts: [renumber(events!, { ...size, users, items })] };
}

function numbersOf(stays: Uint8Array): Uint32Array {
  let next = 0;
  return Uint32Array.from(stays, (isLeft) => (isLeft ? next++ : LEFT_OUT));
}

function nothingLeft({ minUser, minItem }: CoreLimits): DomainError {
  return new DomainError(
    'validation-failed',
    `no users with ${minUser} likes and items with ${minItem} are left; give a smaller --k-core or --min-user`,
  );
}
