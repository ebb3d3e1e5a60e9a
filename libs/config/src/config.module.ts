import { Global, Module } from '@nestjs/common';
import { loadEnvironment } from './env.js';

/** Injection token of the typed environment. */
export const ENVIRONMENT = Symbol('environment');

@Global()
@Module({
  providers: [{ provide: ENVIRONMENT, useFactory: () => loadEnvironment() }],
  exports: [ENVIRONMENT],
})
export class ConfigModule {}
