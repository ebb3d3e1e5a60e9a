import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { catalogName } from '../common/schemas.js';
import { usageReply, type UsageReply } from './dto/usage.dto.js';
import { UsageService } from './usage.service.js';

@ApiTags('catalogs')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  @Access('read')
  @ApiOperation({
    summary: 'What a catalog takes, in bytes by kind',
    description:
      'Measured, beside what the counts allow at most. Redis is scanned over at most about 20,000 keys, of which up to 200 of a kind are measured; a catalog has of each table in PostgreSQL the share of its rows, for tables whose rows nobody counts the share in a sample of about 500 pages.',
  })
  @ApiOkResponse({ standardSchema: usageReply })
  measure(@Param('catalog', { schema: catalogName }) catalog: string): Promise<UsageReply> {
    return this.usage.measure(catalog);
  }
}
