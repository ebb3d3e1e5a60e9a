import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId, pageQuery, type PageQuery } from '../common/schemas.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { Keyed, KeyedCall } from '../idempotency/keyed-call.js';
import {
  itemFields,
  itemPage,
  itemReply,
  putItemsReply,
  putItemsRequest,
  toDetails,
  toItemReply,
  type ItemFields,
  type PutItemsRequest,
} from './dto/items.dto.js';
import { ItemsService } from './items.service.js';

@ApiTags('items')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/items')
export class ItemsController {
  constructor(private readonly items: ItemsService) {}

  @Get()
  @ApiOperation({ summary: 'List items' })
  @ApiOkResponse({ standardSchema: itemPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return toPageReply(await this.items.findPage(catalog, query), toItemReply);
  }

  @Idempotent()
  @Post()
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put many items',
    description:
      'All are stored or none; what is known is replaced, and what was deleted comes back. A field that is absent takes its default.',
  })
  @ApiOkResponse({ standardSchema: putItemsReply })
  putMany(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: putItemsRequest }) { items }: PutItemsRequest,
    @Keyed() call?: KeyedCall,
  ) {
    const details = items.map(({ itemId, ...fields }) => toDetails(itemId, fields));
    return this.items.putMany(catalog, details, call);
  }

  @Put(':id')
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @ApiOperation({
    summary: 'Put an item',
    description:
      'Creates it or replaces what is known of it: a field that is absent takes its default. A deleted item comes back, and the interactions that came since count at once.',
  })
  @ApiOkResponse({ standardSchema: itemReply })
  @ApiCreatedResponse({ standardSchema: itemReply })
  async put(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-item' }) }) id: string,
    @Body({ schema: itemFields }) fields: ItemFields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { item, created } = await this.items.put(catalog, toDetails(id, fields));
    void reply.status(created ? 201 : 200);
    return toItemReply(item);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get an item' })
  @ApiOkResponse({ standardSchema: itemReply })
  @ApiProblems('item-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'item-1' }) }) id: string,
  ) {
    return toItemReply(await this.items.load(catalog, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete an item and its interactions',
    description:
      'It stays deleted until it is put again. Interactions that come with it until then are stored, but count only from then on.',
  })
  @ApiNoContentResponse()
  @ApiProblems('item-not-found', 'write-conflict')
  delete(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-item' }) }) id: string,
  ): Promise<void> {
    return this.items.delete(catalog, id);
  }
}
