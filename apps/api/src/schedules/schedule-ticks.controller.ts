import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { nextTick } from '#domain';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import {
  scheduleTicksQuery,
  scheduleTicksReply,
  toTicksReply,
  type ScheduleTicksQuery,
  type ScheduleTicksReply,
} from './dto/schedule-ticks.dto.js';

@ApiTags('schedules')
@ApiProblems('validation-failed')
@Controller('schedule-ticks')
export class ScheduleTicksController {
  @Get()
  @Access('any-key')
  @ApiOperation({
    summary: 'Tell when a schedule would run',
    description:
      'The next five ticks of a cron expression by the clock of a time zone, before a schedule is put.',
  })
  @ApiOkResponse({ standardSchema: scheduleTicksReply })
  list(@Query({ schema: scheduleTicksQuery }) { cron, timeZone }: ScheduleTicksQuery): ScheduleTicksReply {
    return toTicksReply(new Date(), (after) => nextTick(cron, timeZone, after));
  }
}
