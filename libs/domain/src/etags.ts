import { createHash } from 'node:crypto';
import { DomainError } from './errors.js';
import type { InteractionType } from './interactions/interaction-type.js';
import type { Item } from './item.js';
import type { Consent } from './people/consent.js';
import type { Schedule } from './training/schedule.js';

/**
 * Of an item: the revision of its last change, and the time, since a catalog that is restored from a backup
 * hands out revisions again.
 */
export function etagOfItem({ revision, updatedAt }: Pick<Item, 'revision' | 'updatedAt'>): string {
  return `"${revision}-${updatedAt.getTime().toString(36)}"`;
}

/** Of what callers put of a schedule: its ticks leave it as it is. */
export function etagOfSchedule(schedule: Schedule): string {
  const { cron, timeZone, kind, parameters, gate, enabled, missed } = schedule;
  return etagOfContent([cron, timeZone, kind, parameters, gate, enabled, missed]);
}

/** Numbers count as they are stored, in 32 bits. */
export function etagOfType(type: InteractionType): string {
  const { trainingWeight, halfLifeDays, positive, excludesSeen, repeatAfterDays, repeats } = type;
  const numbers = [trainingWeight, halfLifeDays, repeatAfterDays].map((n) => n && Math.fround(n));
  return etagOfContent([numbers, positive, excludesSeen, repeats]);
}

export function etagOfConsent({ training, personal }: Consent): string {
  return etagOfContent([training, personal]);
}

const ETAG_CHARACTERS = 22;

/** ETag of a state without a revision: its hash, in whatever order the members of objects are. */
function etagOfContent(content: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(content, sortMembers)).digest('base64url');
  return `"${hash.slice(0, ETAG_CHARACTERS)}"`;
}

function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Whether `If-Match` names the state of an ETag. A proxy that compresses has made the ETag weak: it names the
 * same state, though RFC 9110 would not have it match.
 */
export function isMatch(ifMatch: string, etag: string): boolean {
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/**
 * @param etag of the state that there is; null: there is nothing
 * @param what it is of, in words
 * @throws DomainError `precondition-failed`
 */
export function requireMatch(ifMatch: string | undefined, etag: string | null, what: string): void {
  if (ifMatch !== undefined && !(etag !== null && isMatch(ifMatch, etag))) throw preconditionFailed(what);
}

export function preconditionFailed(what: string): DomainError {
  return new DomainError(
    'precondition-failed',
    `The ${what} does not have the state that \`If-Match\` names`,
  );
}
