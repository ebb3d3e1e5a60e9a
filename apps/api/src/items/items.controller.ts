import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, OpenToPages } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName, externalId } from '../common/schemas.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { Keyed, KeyedCall } from '../idempotency/keyed-call.js';
import { documentBody } from '../imports/document-body.js';
import { importItemsQuery, type ImportItemsQuery } from '../imports/import-query.dto.js';
import { importItemsReply, type ImportItemsReply } from '../imports/import-reply.dto.js';
import { ImportsService } from '../imports/imports.service.js';
import {
  itemFields,
  itemPage,
  itemReply,
  itemsQuery,
  putItemsReply,
  putItemsRequest,
  toDetails,
  toItemReply,
  type ItemFields,
  type ItemsQuery,
  type PutItemsRequest,
} from './dto/items.dto.js';
import { ItemsService } from './items.service.js';

export const ITEMS_IMPORT_ROUTE = '/v1/catalogs/:catalog/items/import';

const IMPORT_BODY = documentBody([
  { itemId: 'swagger-item', title: 'A film', tags: 'drama|war', year: '1999' },
]);

@ApiTags('items')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/items')
export class ItemsController {
  constructor(
    private readonly items: ItemsService,
    private readonly imports: ImportsService,
  ) {}

  @Get()
  @Access('read')
  @ApiOperation({ summary: 'List items' })
  @ApiOkResponse({ standardSchema: itemPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: itemsQuery }) query: ItemsQuery,
  ) {
    return toPageReply(await this.items.findPage(catalog, query), toItemReply);
  }

  @Idempotent()
  @Post()
  @Access('write')
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put many items',
    description:
      'All are stored or none; what is known is replaced, and what was deleted comes back. A field that is absent takes its default; without `createdAt` a known item keeps its own.',
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

  @Idempotent()
  @Post('import')
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of items',
    description:
      'Any table, JSON lines, one JSON array or Parquet, plain, gzip or zip, with `itemId` and, where known, `title`, `tags`, `available`, `createdAt`, `deletedAt`, and other columns as metadata. All are stored or none; what is known is replaced, and what was deleted comes back, unless it has a `deletedAt`: then it is deleted with its interactions, or stays so. `dryRun=true` stores nothing and answers what was understood. A row that cannot be stored refuses all, or is left out with `onInvalid=skip`. A title or tags beyond the limits are cut, and named in `cutItems`. A body of which nothing comes for IMPORT_IDLE_SECONDS (60) is given up.',
    requestBody: IMPORT_BODY,
  })
  @ApiOkResponse({ standardSchema: importItemsReply })
  @ApiBodyProblems()
  @ApiProblems('import-row-invalid', 'import-source-invalid', 'request-timeout', 'write-conflict')
  import(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: importItemsQuery }) query: ImportItemsQuery,
    @Req() request: FastifyRequest,
    @Keyed() call?: KeyedCall,
  ): Promise<ImportItemsReply> {
    return this.imports.importItems(catalog, request, query, call);
  }

  @Put(':id')
  @Access('write')
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @ApiOperation({
    summary: 'Put an item',
    description:
      'Creates it or replaces what is known of it: a field that is absent takes its default; without `createdAt` a known item keeps its own. A deleted item comes back, and the interactions that came since count at once.',
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

  @Revalidated()
  @Get(':id')
  @Access('read')
  @OpenToPages()
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
  @Access('write')
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
