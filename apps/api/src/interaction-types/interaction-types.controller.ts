import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { InteractionTypesRepository } from '@app/data';
import type { InteractionType } from '@app/domain';
import type { FastifyReply } from 'fastify';
import { ApiBodyProblems, ApiProblems } from '../common/api-problems.js';
import { toPageReply } from '../common/page-reply.js';
import { validationProblem } from '../common/problem/validation-problem.js';
import { interactionType, pageQuery, type PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
import {
  interactionTypeFields,
  interactionTypePage,
  interactionTypeReply,
  type InteractionTypeFields,
} from './dto/interaction-types.dto.js';

@ApiTags('interactions')
@ApiParam({ name: 'catalog', example: 'default' })
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/interaction-types')
export class InteractionTypesController {
  constructor(
    private readonly types: InteractionTypesRepository,
    private readonly catalogs: ServingCatalogs,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List interaction types',
    description: 'A type exists once an interaction has it, or it was put.',
  })
  @ApiOkResponse({ standardSchema: interactionTypePage })
  async list(@Param('catalog') catalog: string, @Query({ schema: pageQuery }) { cursor, limit }: PageQuery) {
    await this.catalogs.get(catalog);
    return toPageReply(await this.types.findPage(catalog, cursor ?? null, limit), (type) => ({ ...type }));
  }

  @Put(':name')
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Say how a type of interaction counts',
    description:
      'Recommendations follow at once for what a user has done; the model itself follows with its next training.',
  })
  @ApiParam({ name: 'name', example: 'view' })
  @ApiOkResponse({ standardSchema: interactionTypeReply })
  @ApiCreatedResponse({ standardSchema: interactionTypeReply })
  @ApiProblems('too-many-interaction-types', 'write-conflict')
  async put(
    @Param('catalog') catalog: string,
    @Param('name') name: string,
    @Body({ schema: interactionTypeFields }) fields: InteractionTypeFields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InteractionType> {
    const type = { name: checkedName(name), ...fields };
    await this.catalogs.get(catalog);
    const { created } = await this.types.put(catalog, type);
    await this.catalogs.refreshEpoch(catalog);
    void reply.status(created ? 201 : 200);
    return type;
  }
}

function checkedName(name: string): string {
  const { error } = interactionType.safeParse(name);
  if (!error) return name;
  throw validationProblem(error.issues.map(({ message }) => ({ path: ['name'], message })));
}
