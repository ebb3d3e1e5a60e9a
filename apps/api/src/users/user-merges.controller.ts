import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { mergedReply, userMerge, type MergedReply, type UserMergeRequest } from './dto/user-merge.dto.js';
import { UserMergesService } from './user-merges.service.js';

@ApiTags('users')
@ApiBodyProblems()
@ApiProblems('catalog-not-found', 'user-merged', 'database-unavailable', 'write-conflict')
@Controller('catalogs/:catalog/users/:id/merge')
export class UserMergesController {
  constructor(private readonly merges: UserMergesService) {}

  @Idempotent()
  @Post()
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Merge another user into a user',
    description:
      'For one person with two ids, such as one from before the login. Afterwards all is as if the user had done everything: interactions, late ones too, what was counted for lists, and what lists with a rotation have shown. Of equal interactions (item, type and time) that of the user is kept. It is done whole or not at all, and cannot be undone. Either of them may be unknown. For 30 days the merged id names the user, in every call and import; after that it begins a new user. The same call again changes nothing, nor does the one the other way round. An id that was merged into another user meanwhile is refused, since that would merge two persons (docs/privacy.md).',
  })
  @ApiOkResponse({ standardSchema: mergedReply })
  merge(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-user' }) }) id: string,
    @Body({ schema: userMerge }) request: UserMergeRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<MergedReply> {
    return this.merges.merge(catalog, id, request, call);
  }
}
