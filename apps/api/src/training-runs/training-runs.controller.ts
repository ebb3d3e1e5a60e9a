import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { Access } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { sendLocation } from '../common/public-address.js';
import { catalogName, madeId } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { originOf } from '../telemetry/request-ids.js';
import {
  addressOfRun,
  runPage,
  runReply,
  runsQuery,
  startRunRequest,
  toRunReply,
  type RunsQuery,
  type StartRunRequest,
} from './dto/training-runs.dto.js';
import { RunEvents } from './run-events.js';
import { TrainingRunsService } from './training-runs.service.js';

@ApiTags('training runs')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/training-runs')
export class TrainingRunsController {
  constructor(
    private readonly runs: TrainingRunsService,
    private readonly events: RunEvents,
  ) {}

  @Idempotent()
  @Post()
  @Access('train')
  @ApiBodyProblems()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Train a model',
    description: 'Answers at once with the address of the run; a worker carries it out.',
  })
  @ApiAcceptedResponse({
    standardSchema: runReply,
    headers: { Location: { description: 'address of the run', schema: { type: 'string' } } },
  })
  @ApiProblems('write-conflict')
  async start(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: startRunRequest }) request: StartRunRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Idempotency() call?: IdempotentCall,
  ) {
    const run = await this.runs.start(catalog, { ...request, ...originOf(reply.request) }, call);
    sendLocation(reply, addressOfRun(run));
    return toRunReply(run);
  }

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List training runs, newest first' })
  @ApiOkResponse({ standardSchema: runPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: runsQuery }) query: RunsQuery,
  ) {
    return toPageReply(await this.runs.findPage(catalog, query), toRunReply);
  }

  @Get(':id')
  @Access('read')
  @ApiOperation({ summary: 'Get a training run' })
  @ApiOkResponse({ standardSchema: runReply })
  @ApiProblems('training-run-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ) {
    return toRunReply(await this.runs.load(catalog, id));
  }

  @Sse(':id/events')
  @Access('read')
  @ApiOperation({
    summary: 'Follow a training run',
    description: 'Server-sent events named by status, each with the run; the stream ends when the run does.',
  })
  @ApiOkResponse({
    description: '`data` of each event is a TrainingRun',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems('training-run-not-found')
  async follow(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ): Promise<Observable<MessageEvent>> {
    return this.events.follow(await this.runs.load(catalog, id));
  }

  @Delete(':id')
  @Access('train')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Cancel a training run',
    description: 'A waiting run ends at once, a running one within a second or so.',
  })
  @ApiAcceptedResponse({ standardSchema: runReply })
  @ApiProblems('training-run-not-found', 'training-run-finished', 'write-conflict')
  async cancel(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ) {
    return toRunReply(await this.runs.cancel(catalog, id));
  }
}
