import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { catalogDeletionNotFound } from '#data';
import { isForCatalog, type ApiKey } from '#domain';
import { Caller } from '../access/caller.js';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { madeId } from '../common/schemas.js';
import { CatalogDeletions } from './catalog-deletions.service.js';
import { deletionReply, toDeletionReply } from './dto/catalog-deletions.dto.js';

@ApiTags('catalogs')
@ApiProblems('database-unavailable')
@Controller('catalog-deletions')
export class CatalogDeletionsController {
  constructor(private readonly deletions: CatalogDeletions) {}

  @Get(':id')
  @Access('any-key')
  @ApiOperation({ summary: 'Get the receipt of a deletion', description: 'It is kept for 90 days.' })
  @ApiOkResponse({ standardSchema: deletionReply })
  @ApiProblems('validation-failed', 'catalog-deletion-not-found')
  async get(@Param('id', { schema: madeId }) id: string, @Caller() key: ApiKey | null) {
    const deletion = await this.deletions.load(id);
    if (key && !isForCatalog(key, deletion.catalogId)) throw catalogDeletionNotFound(id);
    return toDeletionReply(deletion);
  }
}
