import { Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { documentBody } from '../imports/document-body.js';
import { importUsersQuery, type ImportUsersQuery } from '../imports/import-query.dto.js';
import { importUsersReply, type ImportUsersReply } from '../imports/import-reply.dto.js';
import { ImportsService } from '../imports/imports.service.js';

export const USERS_IMPORT_ROUTE = '/v1/catalogs/:catalog/users/import';

const IMPORT_BODY = documentBody([{ userId: 'swagger-user', tags: 'member|press', age: '31' }]);

@ApiTags('users')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/users/import')
export class UserImportsController {
  constructor(private readonly imports: ImportsService) {}

  @Idempotent()
  @Post()
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of users',
    description:
      'Any table, JSON lines, one JSON array or Parquet, plain, gzip or zip, with `userId` and, where known, `tags`, `training` and `personal` (what the user allows), and other columns as metadata; `columns` says which column is what; also `*.user` of RecBole, users of MovieLens, and the file of everything on one person. All are stored or none. Tags and metadata of known users are replaced; what the file does not say of consent stays as it is. `dryRun=true` stores nothing and answers what was understood. A row that cannot be stored refuses all, or is left out with `onInvalid=skip`. Tags beyond the limits are cut, and named in `cutUsers`. A body of which nothing comes for IMPORT_IDLE_SECONDS (60) is given up.',
    requestBody: IMPORT_BODY,
  })
  @ApiOkResponse({ standardSchema: importUsersReply })
  @ApiBodyProblems()
  @ApiProblems('import-row-invalid', 'import-source-invalid', 'request-timeout', 'write-conflict')
  import(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: importUsersQuery }) query: ImportUsersQuery,
    @Req() request: FastifyRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<ImportUsersReply> {
    return this.imports.importUsers(catalog, request, query, call);
  }
}
