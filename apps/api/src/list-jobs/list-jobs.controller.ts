import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, Audited } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { sendLocation } from '../common/public-address.js';
import { catalogName, madeId, pageQuery, type PageQuery } from '../common/schemas.js';
import { CONTENT_TYPES } from '../exports/exports.dto.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { namesOf, originOf } from '../telemetry/request-ids.js';
import {
  addressOfListJob,
  DOCUMENTED_FILES,
  listFileQuery,
  listJobPage,
  listJobReply,
  startListJobRequest,
  type ListFileQuery,
  type StartListJobRequest,
} from './dto/list-jobs.dto.js';
import { ListJobsService } from './list-jobs.service.js';

@ApiTags('list jobs')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/list-jobs')
export class ListJobsController {
  constructor(private readonly jobs: ListJobsService) {}

  @Idempotent()
  @Post()
  @Access('train')
  @ApiBodyProblems()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Make the lists of all users',
    description:
      'Answers at once with the address of the job; a worker makes the lists, as `GET users/{id}/recommendations` makes one. A catalog has one unfinished job at a time, and ten in all.',
  })
  @ApiAcceptedResponse({
    standardSchema: listJobReply,
    headers: { Location: { description: 'address of the job', schema: { type: 'string' } } },
  })
  @ApiProblems('model-not-found', 'too-many-list-jobs', 'write-conflict')
  async start(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: startListJobRequest }) request: StartListJobRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Idempotency() call?: IdempotentCall,
  ) {
    const job = await this.jobs.start(catalog, { ...request, ...originOf(reply.request) }, call);
    sendLocation(reply, addressOfListJob(job));
    return this.jobs.toReply(job);
  }

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List list jobs, newest first' })
  @ApiOkResponse({ standardSchema: listJobPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return toPageReply(await this.jobs.findPage(catalog, query), (job) => this.jobs.toReply(job));
  }

  @Get(':id')
  @Access('read')
  @ApiOperation({ summary: 'Get a list job' })
  @ApiOkResponse({ standardSchema: listJobReply })
  @ApiProblems('list-job-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ) {
    return this.jobs.toReply(await this.jobs.load(catalog, id));
  }

  @Get(':id/lists')
  @Access('people')
  @Audited()
  @ApiOperation({
    summary: 'Read the lists of a finished list job',
    description:
      'One user a line with `items` of `itemId`, `score` and `source`, in the order in which the users came; as Parquet one row a place of a list. It is streamed: an answer that breaks off, without the last chunk of HTTP, is not whole. A process writes two such files or exports at a time, and refuses a third one. A client that takes nothing for IMPORT_IDLE_SECONDS (60) is cut off.',
  })
  @ApiOkResponse({ description: 'the lists', content: DOCUMENTED_FILES })
  @ApiProblems('list-job-not-found', 'list-job-unfinished', 'too-busy')
  async lists(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
    @Query({ schema: listFileQuery }) { format }: ListFileQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { request } = reply;
    const options = { format, isHead: request.method === 'HEAD', names: namesOf(request) };
    const lists = await this.jobs.open(catalog, id, options);
    void reply
      .header('content-type', CONTENT_TYPES[format])
      .header('content-disposition', `attachment; filename="${catalog}-lists.${format}"`)
      .send(lists);
  }

  @Delete(':id')
  @Access('train')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Cancel or remove a list job',
    description: 'Removes it with its lists, whatever its status; a worker that makes them stops within 2 s.',
  })
  @ApiNoContentResponse()
  @ApiProblems('list-job-not-found', 'write-conflict')
  async delete(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ): Promise<void> {
    await this.jobs.delete(catalog, id);
  }
}
