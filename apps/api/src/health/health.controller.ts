import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { KeyRing } from '#access';
import { ChangeFeed, databaseUnavailable } from '#data';
import { DomainError, type ApiKey } from '#domain';
import { Caller } from '../access/caller.js';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { Draining } from '../draining/draining.js';
import { Readiness } from './readiness.js';

const aliveReply = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' });
const readyReply = z
  .object({
    status: z
      .enum(['ok', 'degraded'])
      .describe('`degraded`: all calls are answered, some slower, without Redis'),
    database: z.literal('ok').optional(),
    redis: z.enum(['ok', 'unavailable', 'none']).optional().describe('`none` where none is configured'),
    changeFeed: z
      .enum(['listening', 'polling'])
      .optional()
      .describe('how changes are learned: told by PostgreSQL, or asked for every second behind a pooler'),
  })
  .meta({ id: 'Ready' });

@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly draining: Draining,
    private readonly changes: ChangeFeed,
    private readonly ring: KeyRing,
  ) {}

  @Get('live')
  @Access('everyone')
  @ApiOperation({ summary: 'Is the process alive?' })
  @ApiOkResponse({ standardSchema: aliveReply })
  live() {
    return { status: 'ok' };
  }

  /** Redis may be away: answers then come from Postgres. */
  @Get('ready')
  @Access('everyone')
  @ApiOperation({
    summary: 'Can the process do its work?',
    description: 'Where keys are needed, callers without one learn only whether.',
  })
  @ApiOkResponse({ standardSchema: readyReply })
  @ApiProblems('draining', 'database-unavailable')
  async ready(@Caller() key: ApiKey | null) {
    if (this.draining.isOn)
      throw new DomainError('draining', 'This process is about to end. It answers calls until then.');
    const { isDatabaseReachable, redis } = await this.readiness.read();
    if (!isDatabaseReachable) throw databaseUnavailable();
    const status = redis === 'unavailable' ? 'degraded' : 'ok';
    if (key === null && !this.ring.isOpen) return { status };
    return { status, database: 'ok', redis, changeFeed: this.changes.state };
  }
}
