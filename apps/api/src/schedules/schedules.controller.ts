import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ScheduleFields } from '#domain';
import { Access } from '../access/route-access.js';
import { Conditional, Creating, Etagged, Headers, type Conditions } from '../common/etags/conditional.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, name, pageQuery, type PageQuery } from '../common/schemas.js';
import { schedulePage, scheduleReply, scheduleRequest, toScheduleReply } from './dto/schedules.dto.js';
import { SchedulesService } from './schedules.service.js';

@ApiTags('schedules')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/schedules')
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List schedules' })
  @ApiOkResponse({ standardSchema: schedulePage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return toPageReply(await this.schedules.findPage(catalog, query), toScheduleReply);
  }

  @Etagged()
  @Conditional()
  @Creating()
  @Put(':name')
  @Access('train')
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Put a schedule',
    description:
      'Creates it or replaces it as a whole: a field that is absent takes its default. It retrains by itself; a tick that finds the data unchanged trains nothing and says so in lastOutcome. With `If-Match` it is stored only if nobody has put another one since.',
  })
  @ApiOkResponse({ standardSchema: scheduleReply })
  @ApiCreatedResponse({ standardSchema: scheduleReply })
  @ApiProblems('write-conflict')
  async put(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('name', { schema: name.meta({ example: 'nightly' }) }) schedule: string,
    @Body({ schema: scheduleRequest }) fields: ScheduleFields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = reply.request.headers;
    const conditions = { ifMatch, isNew: ifNoneMatch === '*' };
    const { schedule: put, created } = await this.schedules.put(catalog, schedule, fields, conditions);
    void reply.status(created ? 201 : 200);
    return toScheduleReply(put);
  }

  @Etagged()
  @Get(':name')
  @Access('read')
  @ApiOperation({ summary: 'Get a schedule' })
  @ApiOkResponse({ standardSchema: scheduleReply })
  @ApiProblems('schedule-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('name', { schema: name.meta({ example: 'nightly' }) }) schedule: string,
  ) {
    return toScheduleReply(await this.schedules.load(catalog, schedule));
  }

  @Conditional()
  @Delete(':name')
  @Access('train')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a schedule' })
  @ApiNoContentResponse()
  @ApiProblems('schedule-not-found', 'write-conflict')
  delete(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('name', { schema: name.meta({ example: 'nightly' }) }) schedule: string,
    @Headers() { ifMatch }: Conditions,
  ): Promise<void> {
    return this.schedules.delete(catalog, schedule, ifMatch);
  }
}
