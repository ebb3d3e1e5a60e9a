import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, Audited } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import { namesOf } from '../telemetry/request-ids.js';
import { personRow } from './dto/person-row.dto.js';
import { PersonExportsService } from './person-exports.service.js';

const TYPE = 'application/x-ndjson';

@ApiTags('users')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/users/:id/export')
export class PersonExportsController {
  constructor(private readonly exports: PersonExportsService) {}

  @Get()
  @Access('people')
  @Audited()
  @ApiOperation({
    summary: 'Export everything on one person',
    description:
      'JSON lines, each with its `kind`: the user, the interactions, late ones too, what was counted for lists by them, what lists with a rotation have shown, and what is cached (docs/privacy.md). `POST …/interactions/import` reads the file and stores its interactions. It is streamed: an answer that breaks off, without the last chunk of HTTP, is not whole. A process writes two exports at a time, and refuses a third one. Each call is in the audit log.',
  })
  @ApiProduces(TYPE)
  @ApiOkResponse({ standardSchema: personRow })
  @ApiProblems('user-not-found', 'cache-unavailable', 'too-busy')
  async export(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { request } = reply;
    const options = { isHead: request.method === 'HEAD', names: namesOf(request) };
    const rows = await this.exports.open(catalog, id, options);
    void reply
      .header('content-type', TYPE)
      .header('content-disposition', `attachment; filename="${catalog}-user.jsonl"`)
      .send(rows);
  }
}
