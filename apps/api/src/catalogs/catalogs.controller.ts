import { Body, Controller, Delete, Get, HttpCode, Param, Put, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CatalogsRepository, type Catalog } from '#data';
import { isForCatalog, unknownItems, type ApiKey } from '#domain';
import type { LogNames } from '#tracing';
import { Caller } from '../access/caller.js';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { sendLocation } from '../common/public-address.js';
import { Revalidated } from '../common/revalidated.js';
import { catalogName, name } from '../common/schemas.js';
import { Names } from '../telemetry/request-ids.js';
import { CatalogDeletions } from './catalog-deletions.service.js';
import { deletionReply, toDeletionReply } from './dto/catalog-deletions.dto.js';

const catalogReply = z
  .object({
    id: z.string(),
    userCount: z.number().int(),
    itemCount: z.number().int(),
    unknownItems,
    createdAt: z.string(),
  })
  .meta({ id: 'Catalog' });
const catalogSettings = z
  .strictObject({ unknownItems: unknownItems.default('create') })
  .optional()
  .meta({ id: 'CatalogSettings', example: { unknownItems: 'create' } });
type SettingsBody = z.infer<typeof catalogSettings>;
const catalogList = z.object({ items: z.array(catalogReply) }).meta({ id: 'CatalogList' });

@ApiTags('catalogs')
@ApiProblems('database-unavailable')
@Controller('catalogs')
export class CatalogsController {
  constructor(
    private readonly catalogs: CatalogsRepository,
    private readonly deletions: CatalogDeletions,
  ) {}

  @Get()
  @Access('any-key')
  @ApiOperation({ summary: 'List catalogs', description: 'Those that the key is for.' })
  @ApiOkResponse({ standardSchema: catalogList })
  async list(@Caller() key: ApiKey | null) {
    const catalogs = await this.catalogs.findAll();
    return { items: catalogs.filter(({ id }) => key === null || isForCatalog(key, id)).map(toReply) };
  }

  @Revalidated()
  @Get(':catalog')
  @Access('read')
  @ApiOperation({ summary: 'Get a catalog' })
  @ApiOkResponse({ standardSchema: catalogReply })
  @ApiProblems('validation-failed', 'catalog-not-found')
  async get(@Param('catalog', { schema: catalogName }) catalog: string) {
    return toReply(await this.catalogs.load(catalog));
  }

  @Put(':catalog')
  @Access('admin')
  @ApiBody({ required: false })
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Put a catalog',
    description:
      'Creates it, or replaces its settings: a field that is absent takes its default. Without a body the settings of a catalog that exists stay.',
  })
  @ApiOkResponse({ standardSchema: catalogReply })
  @ApiCreatedResponse({ standardSchema: catalogReply })
  @ApiProblems('validation-failed', 'catalog-being-deleted', 'write-conflict')
  async put(
    @Param('catalog', { schema: name.meta({ example: 'swagger-shop' }) }) id: string,
    @Body({ schema: catalogSettings }) settings: SettingsBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { catalog, created } = await this.catalogs.create(id, settings);
    void reply.status(created ? 201 : 200);
    return toReply(catalog);
  }

  @Delete(':catalog')
  @Access('admin')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete a catalog and everything in it',
    description:
      'There is no such catalog from now on; running training is cancelled. Rows go in the background. The receipt says when nothing is left, and the name is free then.',
  })
  @ApiAcceptedResponse({
    standardSchema: deletionReply,
    headers: { Location: { description: 'address of the receipt', schema: { type: 'string' } } },
  })
  @ApiProblems('validation-failed', 'catalog-not-found', 'write-conflict')
  async delete(
    @Param('catalog', { schema: name.meta({ example: 'swagger-shop' }) }) catalog: string,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Names() names: LogNames,
  ) {
    const deletion = await this.deletions.start(catalog, names);
    sendLocation(reply, `/v1/catalog-deletions/${deletion.id}`);
    return toDeletionReply(deletion);
  }
}

function toReply({ id, userCount, itemCount, unknownItems, createdAt }: Catalog) {
  return { id, userCount, itemCount, unknownItems, createdAt: createdAt.toISOString() };
}
