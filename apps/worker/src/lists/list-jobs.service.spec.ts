import { Logger } from '@nestjs/common';
import type { BlockUser, ListJobPart, ListJobsRepository, UserBlockReader } from '#data';
import { DomainError, type ListJob } from '#domain';
import { strictFake } from '../testing/strict-fake.js';
import type { JobLists, RankedUsers } from './job-lists.js';
import { ListCounts } from './list-counts.js';
import { ListJobsService } from './list-jobs.service.js';
import type { ListMakerService } from './list-maker.service.js';

const NUM_USERS = 700;
const NEVER = new AbortController().signal;
const JOB = {
  ...{ id: 'job', catalogId: 'shop', modelId: 'm', k: 5, filter: null, status: 'running', attempts: 1 },
  ...{ nextUserKey: 0, parts: 0, usersDone: 0, usersTotal: NUM_USERS, sizeBytes: 0, peakRssBytes: null },
  ...{ error: null, createdAt: new Date(), startedAt: new Date(), finishedAt: null },
  ...{ requestId: null, traceParent: null },
} as ListJob;

const user = (userKey: number) => ({ userKey, userId: `user-${userKey}` }) as BlockUser;
const block = (fromUserKey: number, maxUsers: number) => {
  const length = Math.max(0, Math.min(maxUsers, NUM_USERS - fromUserKey));
  const users = Array.from({ length }, (_, n) => user(fromUserKey + n));
  return { users, nextUserKey: length < maxUsers ? null : fromUserKey + length };
};

describe('ListJobsService', () => {
  beforeAll(() => Logger.overrideLogger(false));

  /** A service whose job is `claimed`; what it stores is in `parts`. */
  function serve(claimed: ListJob | null, own: Partial<ListJobsRepository> = {}) {
    const parts: ListJobPart[] = [];
    const [succeed, close] = [jest.fn(), jest.fn()];
    const counts = new ListCounts();
    const made: number[][] = [];
    // A promise asks it for `then`, which a strict fake would refuse.
    const lists = {
      rank: (users: readonly BlockUser[]) => Promise.resolve({ users }),
      make: ({ users }: RankedUsers) => {
        made.push(users.map(({ userKey }) => userKey));
        return Promise.resolve('');
      },
      close,
    } as unknown as JobLists;
    const service = new ListJobsService(
      strictFake<ListJobsRepository>({
        claim: () => Promise.resolve(claimed),
        isOurs: () => Promise.resolve(true),
        addPart: (_, part) => {
          parts.push(part);
          return Promise.resolve(true);
        },
        succeed,
        ...own,
      }),
      strictFake<UserBlockReader>({
        load: (_, { fromUserKey, maxUsers }) => Promise.resolve(block(fromUserKey, maxUsers)),
      }),
      strictFake<ListMakerService>({
        open: () => Promise.resolve(lists),
      }),
      counts,
    );
    return { service, parts, made, succeed, close, counts };
  }

  it('makes the list of every user once, and stores where each block ends', async () => {
    const { service, parts, made, succeed, close, counts } = serve(JOB);
    await service.run('job', NEVER);
    expect(made.flat()).toEqual(Array.from({ length: NUM_USERS }, (_, key) => key));
    expect(parts.map(({ users, nextUserKey }) => [users, nextUserKey])).toEqual(
      made.map((keys) => [keys.length, keys.at(-1)! + 1]),
    );
    expect(made.length).toBeGreaterThan(1);
    expect(succeed).toHaveBeenCalledTimes(1);
    expect(close).toHaveBeenCalledTimes(1);
    expect([counts.lists, counts.ends.get('succeeded')]).toEqual([NUM_USERS, 1]);
  });

  it('goes on where the attempt before has stopped, also behind the last user', async () => {
    const { service, made } = serve({ ...JOB, attempts: 2, nextUserKey: 300 });
    await service.run('job', NEVER);
    expect(made.flat()[0]).toBe(300);
    const ended = serve({ ...JOB, attempts: 3, nextUserKey: NUM_USERS });
    await ended.service.run('job', NEVER);
    expect([ended.made, ended.succeed.mock.calls.length]).toEqual([[], 1]);
  });

  it('stops when the job is removed or taken over, and says nothing else of it', async () => {
    const { service, succeed, close, counts } = serve(JOB, { addPart: () => Promise.resolve(false) });
    await service.run('job', NEVER);
    expect([succeed.mock.calls.length, close.mock.calls.length, counts.ends.get('gone')]).toEqual([0, 1, 1]);
  });

  it('does nothing for a job that is finished or gone', async () => {
    const { service, made } = serve(null);
    await service.run('job', NEVER);
    expect(made).toEqual([]);
  });

  it('leaves the job as it is when it is interrupted', async () => {
    const { service, made, succeed } = serve(JOB);
    await expect(service.run('job', AbortSignal.abort('shutdown'))).rejects.toBe('shutdown');
    expect([made, succeed.mock.calls.length]).toEqual([[], 0]);
  });

  it('gives up a job that has lost its worker too often, and says why jobs fail', async () => {
    const fail = jest.fn();
    const { service } = serve({ ...JOB, attempts: 21 }, { fail });
    await expect(service.run('job', NEVER)).rejects.toMatchObject({ code: 'internal-error' });
    await service.fail('job', new DomainError('model-not-found', 'none'));
    await service.fail('job', new Error('secret'));
    expect(fail.mock.calls).toEqual([
      ['job', { code: 'model-not-found', detail: 'none' }],
      ['job', { code: 'internal-error', detail: expect.not.stringContaining('secret') }],
    ]);
  });
});
