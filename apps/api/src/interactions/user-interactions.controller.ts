import { Controller, Delete, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import {
  deletedReply,
  deleteInteractionsQuery,
  toFilter,
  type DeletedReply,
  type DeleteInteractionsQuery,
} from './dto/deleted-interactions.dto.js';
import { InteractionsService } from './interactions.service.js';

@ApiTags('interactions')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable', 'write-conflict')
@Controller('catalogs/:catalog/users/:id/interactions')
export class UserInteractionsController {
  constructor(private readonly interactions: InteractionsService) {}

  @Idempotent()
  @Delete()
  @Access('write')
  @ApiOperation({
    summary: "Delete a user's interactions",
    description:
      'Those that meet all parameters that are given, late ones too; `itemId`, `type` and `occurredAt` together name one interaction. All are deleted or none, and a user whom the catalog does not know has none. The next answer knows: an item of which none is left is no longer seen, and what is left counts by the `repeats` of its type. A model follows with its next training. What was counted for a model by a `recommendationId` stays counted. Posting an interaction again stores it again.',
  })
  @ApiOkResponse({ standardSchema: deletedReply })
  delete(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-user' }) }) id: string,
    @Query({ schema: deleteInteractionsQuery }) query: DeleteInteractionsQuery,
    @Idempotency() call?: IdempotentCall,
  ): Promise<DeletedReply> {
    return this.interactions.deleteOf(catalog, id, { filter: toFilter(query), call });
  }
}
