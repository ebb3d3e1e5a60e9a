import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName, madeId, pageQuery, type PageQuery } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { modelPage, modelReply, toModelReply } from './dto/models.dto.js';
import { ModelsService } from './models.service.js';

@ApiTags('models')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Revalidated()
  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List models, newest first' })
  @ApiOkResponse({ standardSchema: modelPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return toPageReply(await this.models.findPage(catalog, query), toModelReply);
  }

  @Revalidated()
  @Get(':id')
  @Access('read')
  @ApiOperation({ summary: 'Get a model with its figures' })
  @ApiOkResponse({ standardSchema: modelReply })
  @ApiProblems('model-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
  ) {
    return toModelReply(await this.models.load(catalog, id));
  }

  @Idempotent()
  @Post(':id/activate')
  @Access('train')
  @HttpCode(200)
  @ApiOperation({ summary: 'Serve a model', description: 'Also the way back to an older one.' })
  @ApiOkResponse({ standardSchema: modelReply })
  @ApiProblems('model-not-found', 'model-corrupt', 'write-conflict')
  async activate(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: madeId }) id: string,
    @Idempotency() call?: IdempotentCall,
  ) {
    return toModelReply(await this.models.activate(catalog, id, call));
  }
}
