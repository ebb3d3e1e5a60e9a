import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import { ActivityService } from './activity.service.js';
import {
  activityQuery,
  activityReply,
  toActivityReply,
  type ActivityQuery,
  type ActivityReply,
} from './dto/activity.dto.js';

@ApiTags('interactions')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog')
export class ActivityController {
  constructor(private readonly activity: ActivityService) {}

  @Get('activity')
  @Access('read')
  @ApiOperation({
    summary: 'Count the interactions of a catalog by day',
    description:
      'The days up to that of the newest interaction. Where the table has many, about 1,000 of its pages are read, and the numbers are estimates.',
  })
  @ApiOkResponse({ standardSchema: activityReply })
  async ofCatalog(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: activityQuery }) { days }: ActivityQuery,
  ): Promise<ActivityReply> {
    return toActivityReply(await this.activity.countOfCatalog(catalog, days));
  }

  @Get('items/:id/activity')
  @Access('read')
  @ApiOperation({
    summary: 'Count the interactions with an item by day',
    description: 'The days up to that of its newest interaction. All are counted, by an index.',
  })
  @ApiOkResponse({ standardSchema: activityReply })
  @ApiProblems('item-not-found')
  async ofItem(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'item-1' }) }) id: string,
    @Query({ schema: activityQuery }) { days }: ActivityQuery,
  ): Promise<ActivityReply> {
    return toActivityReply(await this.activity.countOfItem(catalog, id, days));
  }
}
