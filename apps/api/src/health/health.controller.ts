import { Controller, Get, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Database, databaseUnavailable } from '@app/data';
import type { Redis } from 'ioredis';
import { ApiProblems } from '../common/api-problems.js';
import { CACHE_REDIS } from '../serving/redis-client.js';

@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly database: Database,
    @Inject(CACHE_REDIS) private readonly redis: Redis | null,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive?' })
  live() {
    return { status: 'ok' };
  }

  /** Redis may be away: answers then come from Postgres. */
  @Get('ready')
  @ApiOperation({ summary: 'Can the process do its work?' })
  @ApiProblems('database-unavailable')
  async ready() {
    if (!(await this.database.isReachable())) throw databaseUnavailable();
    return { status: 'ok', database: 'ok', redis: await this.#redisState() };
  }

  async #redisState(): Promise<'ok' | 'unavailable' | 'none'> {
    if (!this.redis) return 'none';
    return this.redis.ping().then(
      () => 'ok',
      () => 'unavailable',
    );
  }
}
