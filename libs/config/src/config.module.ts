import { Global, Module } from '@nestjs/common';
import { loadEnvironment, loadSettings } from './env.js';

/** Injection token of the typed environment. */
export const ENVIRONMENT = Symbol('environment');
/** Injection token of the settings in force, for people. */
export const SETTINGS = Symbol('settings');

@Global()
@Module({
  providers: [
    { provide: ENVIRONMENT, useFactory: () => loadEnvironment() },
    { provide: SETTINGS, useFactory: () => loadSettings() },
  ],
  exports: [ENVIRONMENT, SETTINGS],
})
export class ConfigModule {}
