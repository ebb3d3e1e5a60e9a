import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { BlockUser, ListJobsRepository, UserBlock, UserBlockReader } from '#data';
import type { ListJob } from '#domain';
import { BlockSize } from './block-size.js';
import type { JobLists, RankedUsers } from './job-lists.js';
import type { ListCounts } from './list-counts.js';

const compress = promisify(gzip);

/** The job was deleted, or another attempt has it. */
export class JobGoneError extends Error {
  constructor() {
    super('The list job was deleted or taken over.');
    this.name = 'JobGoneError';
  }
}

interface RankedBlock {
  readonly ranked: RankedUsers;
  /** The block behind it; null: there is none. */
  readonly next: Promise<UserBlock> | null;
}

/** What lists are read from and stored in. */
interface ListStores {
  readonly jobs: ListJobsRepository;
  readonly users: UserBlockReader;
  readonly counts: ListCounts;
}

/**
 * One attempt at the lists of all users, from where the job is. While the lists of a block are made, the next
 * one is ranked in the compute threads, the one behind it read, and the one before stored.
 */
export class ListRun {
  readonly #size: BlockSize;
  #storedAt = performance.now();

  constructor(
    private readonly job: ListJob,
    private readonly lists: JobLists,
    private readonly stores: ListStores,
    private readonly signal: AbortSignal,
  ) {
    this.#size = new BlockSize(job.k);
  }

  /** @throws JobGoneError; the reason of the signal when it aborts */
  async complete(): Promise<void> {
    let ranking: Promise<RankedBlock> | null = this.#rank(this.#read(this.job.nextUserKey));
    let storing: Promise<void> | null = null;
    while (ranking) {
      const { ranked, next }: RankedBlock = await ranking;
      ranking = next && this.#rank(next);
      if (ranked.users.length === 0) continue;
      const lines = await this.lists.make(ranked, this.signal);
      await storing;
      storing = awaitedLater(this.#store(ranked.users, lines));
    }
    await storing;
  }

  #read(fromUserKey: number): Promise<UserBlock> {
    const { job, signal } = this;
    const block = { fromUserKey, maxUsers: this.#size.users, signal };
    return awaitedLater(this.stores.users.load(job.catalogId, block));
  }

  #rank(reading: Promise<UserBlock>): Promise<RankedBlock> {
    const rank = async () => {
      const { users, nextUserKey } = await reading;
      this.signal.throwIfAborted();
      const next = nextUserKey === null ? null : this.#read(nextUserKey);
      return { ranked: await this.lists.rank(users), next };
    };
    return awaitedLater(rank());
  }

  async #store(users: readonly BlockUser[], lines: string): Promise<void> {
    const bytes = await compress(lines, { level: constants.Z_BEST_SPEED });
    const part = { bytes, users: users.length, nextUserKey: users.at(-1)!.userKey + 1 };
    if (!(await this.stores.jobs.addPart(this.job, part))) throw new JobGoneError();
    const ms = performance.now() - this.#storedAt;
    this.#storedAt += ms;
    this.#size.note(users.length, ms);
    this.stores.counts.noteLists(users.length, ms);
  }
}

/** That it fails is seen when it is awaited, or does not matter any more. */
function awaitedLater<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}
