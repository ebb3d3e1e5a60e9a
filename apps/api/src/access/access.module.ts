import { Module } from '@nestjs/common';
import { KeyRing } from './key-ring.js';
import { KeysController } from './keys.controller.js';

@Module({ controllers: [KeysController], providers: [KeyRing], exports: [KeyRing] })
export class AccessModule {}
