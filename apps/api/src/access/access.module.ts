import { Module } from '@nestjs/common';
import { AuditLogController } from './audit-log.controller.js';
import { KeyRing } from './key-ring.js';
import { KeysController } from './keys.controller.js';

@Module({ controllers: [KeysController, AuditLogController], providers: [KeyRing], exports: [KeyRing] })
export class AccessModule {}
