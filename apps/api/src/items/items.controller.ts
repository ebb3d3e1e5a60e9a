import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, OpenToPages } from '../access/route-access.js';
import { Conditional, Etagged, Headers, type Conditions } from '../common/etags/conditional.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { MergePatched } from '../common/request-bodies.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName, externalId } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { documentBody } from '../imports/document-body.js';
import { importItemsQuery, type ImportItemsQuery } from '../imports/import-query.dto.js';
import { importItemsReply, type ImportItemsReply } from '../imports/import-reply.dto.js';
import { ImportsService } from '../imports/imports.service.js';
import { recordQuery, type RecordQuery } from '../interactions/dto/interactions.dto.js';
import {
  patchItemsReply,
  patchItemsRequest,
  type ItemBatchRequest,
  type PatchItemsReply,
} from './dto/item-batches.dto.js';
import {
  itemFields,
  itemPage,
  itemPatch,
  itemReply,
  itemsQuery,
  putItemsReply,
  putItemsRequest,
  toDetails,
  toItemReply,
  toPatch,
  type ItemFields,
  type ItemPatchFields,
  type ItemReply,
  type ItemsQuery,
  type PutItemsRequest,
} from './dto/items.dto.js';
import { ItemBatchesService } from './item-batches.service.js';
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
    private readonly batches: ItemBatchesService,
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
    @Idempotency() call?: IdempotentCall,
  ) {
    const details = items.map(({ itemId, ...fields }) => toDetails(itemId, fields));
    return this.items.putMany(catalog, details, call);
  }

  @Idempotent()
  @Patch()
  @Access('write')
  @ApiBodyProblems()
  @ApiProblems('write-conflict', 'unknown-items', 'precondition-failed')
  @ApiOperation({
    summary: 'Patch many items',
    description:
      'Each row is a merge patch (RFC 7396) of the item that it names, as of `PATCH /items/{id}`. All are stored or none; with `onInvalid=skip` all but the refused ones: rows that are not as documented, items that there are not, and those that do not have the state that `ifMatch` names. Each row has its result.',
  })
  @ApiOkResponse({ standardSchema: patchItemsReply })
  patchMany(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: recordQuery }) { onInvalid }: RecordQuery,
    @Body({ schema: patchItemsRequest }) request: ItemBatchRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<PatchItemsReply> {
    return this.batches.patch(catalog, request, { onInvalid, call });
  }

  @Idempotent()
  @Post('import')
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of items',
    description:
      'Any table, JSON lines, one JSON array or Parquet, plain, gzip or zip, with `itemId` and, where known, `title`, `tags`, `available`, `createdAt`, `deletedAt`, and other columns as metadata; `columns` says which column is what. All are stored or none; what is known is replaced, and what was deleted comes back, unless it has a `deletedAt`: then it is deleted with its interactions, or stays so. `dryRun=true` stores nothing and answers what was understood. A row that cannot be stored refuses all, or is left out with `onInvalid=skip`. A title or tags beyond the limits are cut, and named in `cutItems`. A body of which nothing comes for IMPORT_IDLE_SECONDS (60) is given up.',
    requestBody: IMPORT_BODY,
  })
  @ApiOkResponse({ standardSchema: importItemsReply })
  @ApiBodyProblems()
  @ApiProblems('import-row-invalid', 'import-source-invalid', 'request-timeout', 'write-conflict')
  import(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: importItemsQuery }) query: ImportItemsQuery,
    @Req() request: FastifyRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<ImportItemsReply> {
    return this.imports.importItems(catalog, request, query, call);
  }

  @Etagged()
  @Conditional()
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
    const { item, created } = await this.items.put(
      catalog,
      toDetails(id, fields),
      reply.request.headers['if-match'],
    );
    void reply.status(created ? 201 : 200);
    return toItemReply(item);
  }

  @Idempotent()
  @Etagged()
  @Conditional()
  @Patch(':id')
  @Access('write')
  @MergePatched()
  @ApiBodyProblems()
  @ApiProblems('item-not-found', 'write-conflict')
  @ApiOperation({
    summary: 'Patch an item',
    description:
      'A merge patch (RFC 7396): a field that is absent stays as it is, and null takes the default; of `metadata` so does each member, at every depth. With `If-Match` it is stored only if nobody has changed the item since. An item that is like this already stays as it is, with its ETag.',
  })
  @ApiOkResponse({ standardSchema: itemReply })
  async patch(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-item' }) }) id: string,
    @Body({ schema: itemPatch }) fields: ItemPatchFields,
    @Headers() conditions: Conditions,
  ): Promise<ItemReply> {
    return toItemReply(await this.items.patch(catalog, id, toPatch(fields), conditions));
  }

  @Revalidated()
  @Etagged()
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

  @Conditional()
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
    @Headers() { ifMatch }: Conditions,
  ): Promise<void> {
    return this.items.delete(catalog, id, ifMatch);
  }
}
