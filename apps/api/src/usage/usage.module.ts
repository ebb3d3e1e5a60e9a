import { Module } from '@nestjs/common';
import { ProcessUsages } from './process-usage.js';
import { RedisUsages } from './redis-usage.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';
import { UserUsages } from './user-usage.js';

@Module({ controllers: [UsageController], providers: [ProcessUsages, RedisUsages, UsageService, UserUsages] })
export class UsageModule {}
