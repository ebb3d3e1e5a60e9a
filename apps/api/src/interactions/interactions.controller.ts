import type { Readable } from 'node:stream';
import { Body, Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ENVIRONMENT, type Environment } from '#config';
import type { RowFormat } from '#data';
import { DomainError } from '#domain';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { readLimited } from '../common/read-limited.js';
import { catalogName } from '../common/schemas.js';
import { Idempotent } from '../idempotency/idempotent.js';
import { Keyed, KeyedCall } from '../idempotency/keyed-call.js';
import {
  recordQuery,
  recordRequest,
  storedReply,
  type RecordQuery,
  type RecordRequest,
  type StoredReply,
} from './dto/interactions.dto.js';
import { InteractionsService } from './interactions.service.js';

/** Bodies that are streamed and never held whole. */
export const ROW_FORMAT_OF_TYPE: Readonly<Record<string, RowFormat>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'jsonl',
};

export const IMPORT_ROUTE = '/v1/catalogs/:catalog/interactions/import';

const COLUMNS = ['userId', 'itemId', 'type', 'weight', 'occurredAt'] as const;
const ROW = ['swagger-user', 'item-3', 'view', 1, '2026-11-01T10:10:00Z'] as const;
const EXAMPLE_OF_FORMAT: Readonly<Record<RowFormat, string>> = {
  csv: `${COLUMNS.join(',')}\n${ROW.join(',')}\n`,
  tsv: `${COLUMNS.join('\t')}\n${ROW.join('\t')}\n`,
  jsonl: `${JSON.stringify(Object.fromEntries(COLUMNS.map((name, column) => [name, ROW[column]])))}\n`,
};

/** Each content type with an example of its own, which the decorators of the library cannot have. */
const IMPORT_BODY = {
  required: true,
  content: Object.fromEntries(
    Object.entries(ROW_FORMAT_OF_TYPE).map(([type, format]) => [
      type,
      { schema: { type: 'string' }, examples: { [format]: { value: EXAMPLE_OF_FORMAT[format] } } },
    ]),
  ),
};

@ApiTags('interactions')
@ApiBodyProblems()
@ApiProblems('catalog-not-found', 'database-unavailable', 'write-conflict', 'unknown-items')
@Controller('catalogs/:catalog/interactions')
export class InteractionsController {
  constructor(
    private readonly interactions: InteractionsService,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Idempotent()
  @Post()
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
    @Keyed() call?: KeyedCall,
  ): Promise<StoredReply> {
    return this.interactions.record(catalog, request, { onInvalid, call });
  }

  @Idempotent()
  @Post('import')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of interactions',
    description:
      'CSV or TSV with a header, or JSON lines, of any size; a bad row refuses all, or is left out with `onInvalid=skip`, and is named by its number. Rows with `occurredAt` that are imported again store nothing. Rows without it are events of their own: the n-th of a user, item and type is dated n - 1 milliseconds after the first such import of the catalog, so that the same file again stores nothing, and with rows appended just these. With the same `Idempotency-Key` a call reads the file, stores nothing and gets the first answer, for 24 hours. Either way a `recommendationId` counts once for a user, item and type.',
    requestBody: IMPORT_BODY,
  })
  @ApiOkResponse({ standardSchema: storedReply })
  @ApiProblems('import-row-invalid')
  import(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: recordQuery }) { onInvalid }: RecordQuery,
    @Req() { headers, body }: FastifyRequest,
    @Keyed() call?: KeyedCall,
  ): Promise<StoredReply> {
    const format = formatOf(headers['content-type']);
    return readLimited(body as Readable, this.environment.IMPORT_LIMIT_MB, (rows) =>
      this.interactions.import(catalog, { rows, format }, { onInvalid, call }),
    );
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
