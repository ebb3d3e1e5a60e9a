import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ExportedTable } from '#data';
import { Access, Audited } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName } from '../common/schemas.js';
import { namesOf } from '../telemetry/request-ids.js';
import {
  CONTENT_TYPES,
  DOCUMENTED_BODIES,
  exportedSettings,
  exportedTable,
  exportQuery,
  type ExportQuery,
} from './exports.dto.js';
import { ExportsService } from './exports.service.js';

@ApiTags('exports')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/export')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  @Revalidated()
  @Get('settings')
  @Access('admin')
  @ApiOperation({
    summary: 'Export what is set of a catalog',
    description:
      'How unknown items are treated, the interaction types and the schedules, as `sparserec import --settings` reads them.',
  })
  @ApiOkResponse({ standardSchema: exportedSettings })
  settings(@Param('catalog', { schema: catalogName }) catalog: string) {
    return this.exports.loadSettings(catalog);
  }

  @Get(':table')
  @Access('admin')
  @Audited()
  @ApiOperation({
    summary: 'Export a table of a catalog',
    description:
      'The rows as they are at one moment, in the order of ids, so that equal data gives equal bytes; deleted items and late interactions are among them. The imports read such files. It is streamed: an answer that breaks off, without the last chunk of HTTP, is not whole. A process writes two exports at a time, and refuses a third one. A client that takes nothing for IMPORT_IDLE_SECONDS (60) is cut off.',
  })
  @ApiOkResponse({ description: 'the table', content: DOCUMENTED_BODIES })
  @ApiProblems('too-busy')
  async table(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('table', { schema: exportedTable }) table: ExportedTable,
    @Query({ schema: exportQuery }) { format }: ExportQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { request } = reply;
    const options = { format, isHead: request.method === 'HEAD', names: namesOf(request) };
    const rows = await this.exports.open(catalog, table, options);
    void reply
      .header('content-type', CONTENT_TYPES[format])
      .header('content-disposition', `attachment; filename="${catalog}-${table}.${format}"`)
      .send(rows);
  }
}
