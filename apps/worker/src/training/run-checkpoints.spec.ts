import { Logger } from '@nestjs/common';
import type { TrainingCheckpointsRepository } from '#data';
import { aRun } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { RunCheckpoints } from './run-checkpoints.js';

describe('RunCheckpoints', () => {
  const repository = { load: jest.fn(), save: jest.fn() };
  const checkpoints = new RunCheckpoints(strictFake<TrainingCheckpointsRepository>(repository));
  const bytes = Uint8Array.of(7);

  beforeEach(() => {
    jest.resetAllMocks();
    Logger.overrideLogger(false);
  });

  it('goes on from what an earlier attempt left, and looks for nothing at the first', async () => {
    expect(await checkpoints.load(aRun())).toBeNull();
    expect(repository.load).not.toHaveBeenCalled();
    repository.load.mockResolvedValue(bytes);
    expect(await checkpoints.load(aRun({ attempts: 2 }))).toBe(bytes);
    expect(repository.load).toHaveBeenCalledWith('run-1');
  });

  it('lets a run go on whose checkpoint could not be kept', async () => {
    repository.save.mockRejectedValue(new Error('away'));
    await checkpoints.keep(aRun(), bytes);
    expect(repository.save).toHaveBeenCalledWith('run-1', bytes);
  });
});
