import { Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { QueueModule, type QueueEnvironment } from '#queue';

const ENVIRONMENT = Symbol('environment');

/** The queues as a process of the service has them, without its processors. */
export async function createQueues(environment: QueueEnvironment): Promise<TestingModule> {
  @Global()
  @Module({ providers: [{ provide: ENVIRONMENT, useValue: environment }], exports: [ENVIRONMENT] })
  class EnvironmentModule {}
  const builder = Test.createTestingModule({
    imports: [EnvironmentModule, QueueModule.forRoot(ENVIRONMENT)],
  });
  return (await builder.compile()).init();
}
