import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { KeyRing } from '#access';
import { CACHE_REDIS } from '../serving/redis-client.js';
import { AuditLogController } from './audit-log.controller.js';
import { CallerController } from './caller.controller.js';
import { KeysController } from './keys.controller.js';
import { CallLimits } from './limits/call-limits.js';
import { SharedQuotas } from './limits/shared-quotas.js';

const CALL_LIMITS = {
  provide: CallLimits,
  inject: [CACHE_REDIS],
  useFactory: (redis: Redis | null) => new CallLimits(redis && new SharedQuotas(redis)),
};

@Module({
  controllers: [KeysController, CallerController, AuditLogController],
  providers: [KeyRing, CALL_LIMITS],
  exports: [KeyRing],
})
export class AccessModule {}
