import { Module } from '@nestjs/common';
import { ProcessUsages } from './process-usage.js';
import { RedisUsages } from './redis-usage.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';

@Module({ controllers: [UsageController], providers: [ProcessUsages, RedisUsages, UsageService] })
export class UsageModule {}
