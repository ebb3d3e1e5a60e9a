import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { recordQuery, type RecordQuery } from '../interactions/dto/interactions.dto.js';
import {
  deleteItemsReply,
  deleteItemsRequest,
  type DeleteItemsReply,
  type ItemBatchRequest,
} from './dto/item-batches.dto.js';
import { ItemBatchesService } from './item-batches.service.js';

/**
 * At an address of its own: not every proxy passes the body of a DELETE on, and below `items` any name may be
 * the id of one.
 */
@ApiTags('items')
@ApiBodyProblems()
@ApiProblems('catalog-not-found', 'database-unavailable', 'write-conflict')
@Controller('catalogs/:catalog/item-deletions')
export class ItemDeletionsController {
  constructor(private readonly batches: ItemBatchesService) {}

  @Idempotent()
  @Post()
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Delete many items and their interactions',
    description:
      'All are deleted or none; with `onInvalid=skip` all but the refused ones: items that there are not, and those that do not have the state that `ifMatch` names. Each row has its result. Items stay deleted as after `DELETE /items/{id}`.',
  })
  @ApiOkResponse({ standardSchema: deleteItemsReply })
  @ApiProblems('unknown-items', 'precondition-failed')
  deleteMany(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: recordQuery }) { onInvalid }: RecordQuery,
    @Body({ schema: deleteItemsRequest }) request: ItemBatchRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<DeleteItemsReply> {
    return this.batches.delete(catalog, request, { onInvalid, call });
  }
}
