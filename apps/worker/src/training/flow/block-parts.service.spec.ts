import { Logger } from '@nestjs/common';
import type { ArtifactStore, TrainingPartsRepository } from '#data';
import { DomainError } from '#domain';
import { NotForThisWorkerError } from '../../processing/not-for-this-worker.error.js';
import type { PartCounts } from '../../telemetry/part-counts.js';
import { strictFake } from '../../testing/strict-fake.js';
import { BlockPartsService } from './block-parts.service.js';
import type { BlockPool } from './block-pool.js';
import type { OwnMeans } from './own-means.js';

const ID = { runId: 'run-1', task: 'a', position: 2 };
const PART = { ...ID, firstBlock: 8, numBlocks: 4, attempts: 1 };
const NEEDS = { kernels: 'own', fixedBytes: 100, threadBytes: 10, isOwn: false };
const SOLVED = { name: 'result', bytes: new Uint8Array(3) };

describe('BlockPartsService', () => {
  const parts = {
    findNeeds: jest.fn(),
    claim: jest.fn(),
    isWanted: jest.fn(),
    complete: jest.fn(),
    fail: jest.fn(),
  };
  const store = { put: jest.fn() };
  const pool = { solve: jest.fn() };
  const own = { probe: 'own', threadsFor: jest.fn() };
  const counts = { noteEnd: jest.fn() };
  const service = new BlockPartsService(
    strictFake<TrainingPartsRepository>(parts),
    strictFake<ArtifactStore>(store),
    strictFake<BlockPool>(pool),
    strictFake<OwnMeans>(own),
    strictFake<PartCounts>(counts),
  );
  const solve = (signal = new AbortController().signal) => service.solve(ID, signal);
  const untilAborted = (_part: unknown, _threads: unknown, signal: AbortSignal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
    parts.findNeeds.mockResolvedValue(NEEDS);
    own.threadsFor.mockReturnValue(3);
    parts.claim.mockResolvedValue(PART);
    parts.isWanted.mockResolvedValue(true);
    store.put.mockResolvedValue(true);
    pool.solve.mockResolvedValue(SOLVED);
  });

  it('keeps what it has found before it says that the part is done', async () => {
    await solve();
    expect(pool.solve).toHaveBeenCalledWith(PART, 3, expect.any(AbortSignal));
    expect(store.put.mock.calls).toEqual([['run-1', 'result', SOLVED.bytes]]);
    expect(parts.complete.mock.calls).toEqual([[PART, 'result']]);
    expect(counts.noteEnd.mock.calls).toEqual([['solved']]);
    expect(store.put.mock.invocationCallOrder[0]).toBeLessThan(parts.complete.mock.invocationCallOrder[0]!);
  });

  it.each([
    ['other kernels', { ...NEEDS, kernels: 'other' }, 3],
    ['more memory', NEEDS, 0],
  ])('leaves a part to workers that have %s', async (_, needs, threads) => {
    parts.findNeeds.mockResolvedValue(needs);
    own.threadsFor.mockReturnValue(threads);
    await expect(solve()).rejects.toBeInstanceOf(NotForThisWorkerError);
    expect(parts.claim).not.toHaveBeenCalled();
    expect(counts.noteEnd.mock.calls).toEqual([['refused']]);
  });

  it('takes a part of its own run however little room there is', async () => {
    parts.findNeeds.mockResolvedValue({ ...NEEDS, isOwn: true });
    own.threadsFor.mockReturnValue(0);
    await solve();
    expect(pool.solve).toHaveBeenCalledWith(PART, 1, expect.any(AbortSignal));
  });

  it('does nothing for a part that is done, or not wanted', async () => {
    parts.claim.mockResolvedValue(null);
    await solve();
    parts.findNeeds.mockResolvedValue(null);
    await solve();
    expect(pool.solve).not.toHaveBeenCalled();
  });

  it('does not say that a part is done of a run that ended meanwhile', async () => {
    store.put.mockResolvedValue(false);
    await solve();
    expect(parts.complete).not.toHaveBeenCalled();
  });

  it('stops when nobody wants the part any more, and passes what it cannot know', async () => {
    pool.solve.mockImplementation(untilAborted);
    parts.isWanted.mockRejectedValueOnce(new DomainError('database-unavailable', 'away'));
    parts.isWanted.mockResolvedValueOnce(false);
    await solve();
    expect(store.put).not.toHaveBeenCalled();
    expect(counts.noteEnd.mock.calls).toEqual([['dropped']]);
  });

  it('drops a part whose run ended and took with it what the part needs', async () => {
    pool.solve.mockRejectedValue(new Error('The task a of run run-1 is not there.'));
    parts.isWanted.mockResolvedValue(false);
    await solve();
    parts.isWanted.mockResolvedValue(true);
    await expect(solve()).rejects.toThrow('is not there');
  });

  it('rejects when it is interrupted', async () => {
    const interruption = new AbortController();
    const solving = solve(interruption.signal);
    pool.solve.mockImplementation((part, threads, signal: AbortSignal) => {
      const solved = untilAborted(part, threads, signal);
      interruption.abort();
      return solved;
    });
    await expect(solving).rejects.toThrow('aborted');
  });

  it('refuses a part that has ended too many workers', async () => {
    parts.claim.mockResolvedValue({ ...PART, attempts: 21 });
    await expect(solve()).rejects.toMatchObject({ code: 'internal-error' });
    expect(pool.solve).not.toHaveBeenCalled();
  });

  it('says of a part why it has failed, and nothing of unknown errors', async () => {
    await service.fail(ID, new DomainError('numerically-singular', 'pivot 3'));
    await service.fail(ID, new Error('secret'));
    expect(parts.fail.mock.calls).toEqual([
      [ID, { code: 'numerically-singular', detail: 'pivot 3' }],
      [ID, { code: 'internal-error', detail: expect.not.stringContaining('secret') as unknown }],
    ]);
    expect(counts.noteEnd.mock.calls).toEqual([['failed'], ['failed']]);
  });
});
