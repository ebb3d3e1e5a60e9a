import { Test, type TestingModule } from '@nestjs/testing';
import { ENVIRONMENT, loadEnvironment } from '#config';
import { TrainingProcessor } from '../../../apps/worker/src/training/training.processor.js';
import { WorkerModule } from '../../../apps/worker/src/worker.module.js';
import { describeOnBackends } from '../../support/redis.js';
import { WorkerHarness } from './harness.js';

describeOnBackends('WorkerSupervisor', ({ backend }) => {
  let harness: WorkerHarness;
  let app: TestingModule;

  beforeAll(async () => {
    harness = await WorkerHarness.create(backend);
    app = await Test.createTestingModule({ imports: [WorkerModule] })
      .overrideProvider(ENVIRONMENT)
      .useValue(loadEnvironment({ ...harness.environment, LOG_LEVEL: 'silent' }))
      .compile();
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await harness.close();
  });

  it('gives the processors new workers when jobs wait and none is taken', async () => {
    const stuck = app.get(TrainingProcessor).worker;
    await stuck.pause();
    const run = await harness.waitUntilFinished((await harness.startRun()).id);
    expect(run.error?.code).toBe('no-training-data');
    expect(app.get(TrainingProcessor).worker === stuck).toBe(false);
  });
});
