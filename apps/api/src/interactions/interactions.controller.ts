import type { Readable } from 'node:stream';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ENVIRONMENT, type Environment } from '@app/config';
import type { RowFormat } from '@app/data';
import { DomainError, type StoredBatch } from '@app/domain';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../common/api-problems.js';
import { recordRequest, storedReply, type RecordRequest } from './dto/interactions.dto.js';
import { InteractionsService } from './interactions.service.js';
import { limitBytes } from './limit-bytes.js';

/** Bodies that are streamed and never held whole. */
export const ROW_FORMAT_OF_TYPE: Readonly<Record<string, RowFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'jsonl',
};

const CSV_EXAMPLE = 'userId,itemId,type,weight,occurredAt\nswagger-user,item-3,view,1,2026-11-01T10:10:00Z\n';

@ApiTags('interactions')
@ApiParam({ name: 'catalog', example: 'default' })
@ApiOkResponse({ standardSchema: storedReply })
@ApiProblems(
  'catalog-not-found',
  'malformed-body',
  'body-too-large',
  'unsupported-media-type',
  'validation-failed',
  'database-unavailable',
)
@Controller('catalogs/:catalog/interactions')
export class InteractionsController {
  constructor(
    private readonly interactions: InteractionsService,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Record interactions',
    description: 'All are stored or none. Posting the same again stores nothing twice.',
  })
  @ApiOkResponse({ standardSchema: storedReply })
  record(
    @Param('catalog') catalog: string,
    @Body({ schema: recordRequest }) request: RecordRequest,
  ): Promise<StoredBatch> {
    return this.interactions.record(catalog, request);
  }

  @Post('import')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of interactions',
    description:
      'CSV or TSV with a header, or JSON lines, of any size; a bad row refuses all and is named by its number.',
  })
  @ApiConsumes(...Object.keys(ROW_FORMAT_OF_TYPE))
  @ApiBody({ schema: { type: 'string' }, examples: { csv: { value: CSV_EXAMPLE } } })
  @ApiProblems('import-row-invalid')
  import(
    @Param('catalog') catalog: string,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<StoredBatch> {
    const format = formatOf(contentType);
    const rows = request.body as Readable;
    const limited = limitBytes(this.environment.IMPORT_LIMIT_MB * 1024 * 1024);
    rows.on('error', (error) => limited.destroy(error));
    // What a refused import has not read would block the connection for the next request.
    return this.interactions
      .import(catalog, rows.pipe(limited), format)
      .finally(() => rows.unpipe(limited).resume());
  }
}

function formatOf(contentType = ''): RowFormat {
  const format = ROW_FORMAT_OF_TYPE[contentType.split(';')[0]!.trim().toLowerCase()];
  if (format) return format;
  throw new DomainError(
    'unsupported-media-type',
    `Send one of ${Object.keys(ROW_FORMAT_OF_TYPE).join(', ')}`,
  );
}
