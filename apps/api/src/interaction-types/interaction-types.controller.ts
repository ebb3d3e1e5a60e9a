import { Body, Controller, Get, Param, Patch, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { InteractionTypesRepository } from '#data';
import {
  interactionTypeFields,
  interactionTypePatch,
  type InteractionTypeFields,
  type InteractionTypePatch,
} from '#domain';
import { Access } from '../access/route-access.js';
import { Conditional, Etagged, Headers, type Conditions } from '../common/etags/conditional.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { readPage } from '../common/read-page.js';
import { MergePatched } from '../common/request-bodies.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName, interactionType, pageQuery, type PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import {
  interactionTypePage,
  interactionTypeReply,
  toTypeReply,
  type InteractionTypeReply,
} from './dto/interaction-types.dto.js';

@ApiTags('interactions')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/interaction-types')
export class InteractionTypesController {
  constructor(
    private readonly types: InteractionTypesRepository,
    private readonly catalogs: ServingCatalogs,
  ) {}

  @Revalidated()
  @Get()
  @Access('read')
  @ApiOperation({
    summary: 'List interaction types',
    description: 'A type exists once an interaction has it, or it was put.',
  })
  @ApiOkResponse({ standardSchema: interactionTypePage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    await this.catalogs.get(catalog);
    const page = await readPage(['interaction-types', catalog], query, (after, limit) =>
      this.types.findPage(catalog, after, limit),
    );
    return toPageReply(page, toTypeReply);
  }

  @Etagged()
  @Conditional()
  @Put(':name')
  @Access('write')
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Say how a type of interaction counts',
    description:
      'Replaces the type as a whole: a field that is absent takes its default, also where the type had another value. Recommendations follow at once for what a user has done; the model itself follows with its next training.',
  })
  @ApiOkResponse({ standardSchema: interactionTypeReply })
  @ApiCreatedResponse({ standardSchema: interactionTypeReply })
  @ApiProblems('too-many-interaction-types', 'write-conflict')
  async put(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('name', { schema: interactionType.meta({ example: 'view' }) }) typeName: string,
    @Body({ schema: interactionTypeFields }) fields: InteractionTypeFields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InteractionTypeReply> {
    const type = { name: typeName, ...fields };
    await this.catalogs.get(catalog);
    const { created } = await this.types.put(catalog, type, reply.request.headers['if-match']);
    await this.catalogs.refreshEpoch(catalog);
    void reply.status(created ? 201 : 200);
    return toTypeReply(type);
  }

  @Etagged()
  @Conditional()
  @Patch(':name')
  @Access('write')
  @MergePatched()
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Change how a type of interaction counts',
    description:
      'A merge patch (RFC 7396): a field that is absent stays as it is, and null takes the default. Recommendations follow at once, as after a PUT.',
  })
  @ApiOkResponse({ standardSchema: interactionTypeReply })
  @ApiProblems('interaction-type-not-found', 'write-conflict')
  async patch(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('name', { schema: interactionType.meta({ example: 'view' }) }) typeName: string,
    @Body({ schema: interactionTypePatch }) patch: InteractionTypePatch,
    @Headers() { ifMatch }: Conditions,
  ): Promise<InteractionTypeReply> {
    await this.catalogs.get(catalog);
    const type = await this.types.patch(catalog, typeName, patch, ifMatch);
    await this.catalogs.refreshEpoch(catalog);
    return toTypeReply(type);
  }
}
