import type { Lease, SharedQuotas } from './shared-quotas.js';

/** Of a limit: what each process lets in before it asks what others have let in. */
const UNASKED_SHARE = 0.01;
/** Of a limit: the largest lease. */
const LEASE_SHARE = 0.05;
/** How long a process goes on by itself after Redis has failed. */
const ALONE_MS = 5_000;

export interface Verdict {
  readonly isAllowed: boolean;
  /** How many calls are left in this second, about. */
  readonly remaining: number;
}

/** Calls of one subject in one second. */
interface Count {
  used: number;
  /** What this process may let in. */
  granted: number;
  /** What others may have yet. */
  left: number;
  /** Whether no more will be granted. */
  isLast: boolean;
  renewal: Promise<void> | null;
}

/**
 * Counts calls of a subject, such as a key or an address, in each second, and says which are too many. All
 * processes together let in as many as the limit says. Each takes leases out of a quota that they share, in
 * the background, so a call waits for Redis only where the last lease was used up sooner. Without Redis, or
 * while it is away, each process counts for itself.
 */
export class CallLimits {
  #second = 0;
  #counts = new Map<string, Count>();
  /** From this machine's clock to that of Redis. */
  #clockOffsetMs = 0;
  #aloneUntilMs = 0;

  constructor(
    private readonly quotas: SharedQuotas | null,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** @param limit calls a second */
  count(subject: string, limit: number): Verdict | Promise<Verdict> {
    const count = this.#countOf(subject, limit);
    if (count.used < count.granted) {
      count.used++;
      if (!count.isLast && count.granted - count.used < (limit * LEASE_SHARE) / 2)
        void this.#renew(subject, limit, count);
      return { isAllowed: true, remaining: count.granted - count.used + count.left };
    }
    if (count.isLast) return { isAllowed: false, remaining: 0 };
    return this.#renew(subject, limit, count).then(() => this.count(subject, limit));
  }

  #countOf(subject: string, limit: number): Count {
    this.#goToSecond();
    let count = this.#counts.get(subject);
    if (!count) {
      const isAlone = this.#isAlone();
      const granted = isAlone ? limit : unaskedOf(limit);
      count = { used: 0, granted, left: limit - granted, isLast: isAlone, renewal: null };
      this.#counts.set(subject, count);
    }
    return count;
  }

  #goToSecond(): void {
    const second = Math.floor((this.nowMs() + this.#clockOffsetMs) / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#counts = new Map();
  }

  #isAlone(): boolean {
    return this.quotas === null || this.nowMs() < this.#aloneUntilMs;
  }

  /** Of all calls that wait for it, one asks. */
  #renew(subject: string, limit: number, count: Count): Promise<void> {
    count.renewal ??= this.#ask(subject, limit, count).finally(() => (count.renewal = null));
    return count.renewal;
  }

  async #ask(subject: string, limit: number, count: Count): Promise<void> {
    const isFirst = count.granted <= unaskedOf(limit);
    const request = {
      limit,
      spent: isFirst ? unaskedOf(limit) : 0,
      wanted: Math.ceil(limit * LEASE_SHARE),
    };
    const askedMs = this.nowMs();
    try {
      const lease = await this.quotas!.lease(subject, request);
      this.#learnClock(lease, askedMs);
      if (Math.floor(lease.atMs / 1_000) !== this.#second || this.#counts.get(subject) !== count) return;
      count.granted += lease.calls;
      count.left = lease.left;
      count.isLast = lease.calls === 0;
    } catch {
      this.#aloneUntilMs = this.nowMs() + ALONE_MS;
      count.granted = limit;
      count.isLast = true;
    }
  }

  /** Redis has answered half of the time ago that the question took. */
  #learnClock({ atMs }: Lease, askedMs: number): void {
    this.#clockOffsetMs = atMs - (askedMs + this.nowMs()) / 2;
    this.#goToSecond();
  }
}

function unaskedOf(limit: number): number {
  return Math.floor(limit * UNASKED_SHARE);
}
