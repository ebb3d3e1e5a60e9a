import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({ imports: [AccessModule], controllers: [HealthController], providers: [Readiness] })
export class HealthModule {}
