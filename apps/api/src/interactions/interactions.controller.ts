import { Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName } from '../common/schemas.js';
import { Idempotency, IdempotentCall } from '../idempotency/idempotent-call.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { documentBody } from '../imports/document-body.js';
import { importQuery, type ImportQuery } from '../imports/import-query.dto.js';
import { importReply, type ImportReply } from '../imports/import-reply.dto.js';
import { ImportsService } from '../imports/imports.service.js';
import {
  recordQuery,
  recordRequest,
  storedReply,
  type RecordQuery,
  type RecordRequest,
  type StoredReply,
} from './dto/interactions.dto.js';
import { InteractionsService } from './interactions.service.js';

export const IMPORT_ROUTE = '/v1/catalogs/:catalog/interactions/import';

const IMPORT_BODY = documentBody([
  { userId: 'swagger-user', itemId: 'item-3', type: 'view', occurredAt: '2026-11-01T10:10:00Z' },
]);

@ApiTags('interactions')
@ApiBodyProblems()
@ApiProblems('catalog-not-found', 'database-unavailable', 'write-conflict', 'unknown-items')
@Controller('catalogs/:catalog/interactions')
export class InteractionsController {
  constructor(
    private readonly interactions: InteractionsService,
    private readonly imports: ImportsService,
  ) {}

  @Idempotent()
  @Post()
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Record interactions',
    description:
      "All are stored or none; with `onInvalid=skip` each row is checked by itself, and all but the refused ones are stored: rows that are not as documented, rows ahead of the clock, and rows with unknown items, where the catalog refuses these. A body that is no list of 1 to 10,000 rows is refused whole. With `occurredAt`, posting an interaction again stores nothing: one user, item, type and time is one interaction. Without it the server's clock dates each post, so that posting again stores another one, unless the call has the same `Idempotency-Key`: for 24 hours it then stores nothing and gets the first answer. Either way a `recommendationId` counts once for a user, item and type. A time that lies more than CLOCK_TOLERANCE_SECONDS (300) ahead of the server's clock is refused: as a rule a local time was sent as UTC.",
  })
  @ApiOkResponse({ standardSchema: storedReply })
  record(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: recordQuery }) { onInvalid }: RecordQuery,
    @Body({ schema: recordRequest }) request: RecordRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<StoredReply> {
    return this.interactions.record(catalog, request, { onInvalid, call });
  }

  @Idempotent()
  @Post('import')
  @Access('write')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of interactions',
    description:
      'Any table, JSON lines, one JSON array, Parquet, RecBole, MovieLens or train.txt, plain, gzip or zip: the content says what it is, and the answer what was understood. docs/data.md has the names of columns; `dryRun=true` stores nothing. What is not understood, or is understood in two ways, is refused with what would read it. A bad row refuses all, or is left out with `onInvalid=skip`, and is named by its line. Rows with a time that are imported again store nothing. Rows without it are events of their own: the n-th of a user, item and type is dated n - 1 milliseconds after the first such import of the catalog, so that the same file again stores nothing, and with rows appended just these. With the same `Idempotency-Key` a call reads the file, stores nothing and gets the first answer, for 24 hours. Either way a `recommendationId` counts once for a user, item and type. A body of which nothing comes for IMPORT_IDLE_SECONDS (60) is given up.',
    requestBody: IMPORT_BODY,
  })
  @ApiOkResponse({ standardSchema: importReply })
  @ApiProblems('import-row-invalid', 'import-source-invalid', 'interaction-type-conflict', 'request-timeout')
  import(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: importQuery }) query: ImportQuery,
    @Req() request: FastifyRequest,
    @Idempotency() call?: IdempotentCall,
  ): Promise<ImportReply> {
    return this.imports.importInteractions(catalog, request, query, call);
  }
}
