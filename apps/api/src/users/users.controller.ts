import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import {
  userAttributes,
  userAttributesReply,
  type UserAttributesFields,
  type UserAttributesReply,
} from './dto/user-attributes.dto.js';
import {
  interactionPage,
  interactionsQuery,
  toSummaryReply,
  toUserReply,
  userPage,
  userReply,
  usersQuery,
  type InteractionsQuery,
  type UsersQuery,
} from './dto/users.dto.js';
import { UserAttributesService } from './user-attributes.service.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly attributes: UserAttributesService,
  ) {}

  @Get('users')
  @Access('people')
  @ApiOperation({ summary: 'List users', description: 'By the bytes of their ids.' })
  @ApiOkResponse({ standardSchema: userPage })
  async list(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: usersQuery }) query: UsersQuery,
  ) {
    return toPageReply(await this.users.findPage(catalog, query), toUserReply);
  }

  @Get('users/:id')
  @Access('people')
  @ApiOperation({
    summary: 'Get a user',
    description:
      'What is stored of the user: interactions in numbers, what the user allows, tags and metadata. `GET …/users/{id}/interactions` has the rows.',
  })
  @ApiOkResponse({ standardSchema: userReply })
  @ApiProblems('user-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) id: string,
  ) {
    return toSummaryReply(await this.users.summarize(catalog, id));
  }

  @Put('users/:id')
  @Access('write')
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @ApiOperation({
    summary: 'Put a user',
    description:
      'Replaces the tags and metadata that are known of the user: a field that is absent takes its default. A user whom the catalog does not know is made. A `boost` reads them by `userTag("…")` and `userMetadata("…")`, from the next list on. What the user did and allows stays as it is.',
  })
  @ApiOkResponse({ standardSchema: userAttributesReply })
  @ApiCreatedResponse({ standardSchema: userAttributesReply })
  async put(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-user' }) }) id: string,
    @Body({ schema: userAttributes }) fields: UserAttributesFields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserAttributesReply> {
    const { user, created } = await this.attributes.put(catalog, id, fields);
    void reply.status(created ? 201 : 200);
    return user;
  }

  @Get('users/:id/interactions')
  @Access('people')
  @ApiOperation({
    summary: 'List the interactions of a user',
    description:
      'As they are stored, the newest first. Late interactions, whose item is deleted, are not among them.',
  })
  @ApiOkResponse({ standardSchema: interactionPage })
  @ApiProblems('user-not-found')
  async interactionsOfUser(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) id: string,
    @Query({ schema: interactionsQuery }) query: InteractionsQuery,
  ) {
    return toPageReply(await this.users.findInteractionsOfUser(catalog, id, query), (row) => row);
  }

  @Get('items/:id/interactions')
  @Access('people')
  @ApiOperation({
    summary: 'List the interactions with an item',
    description: 'As they are stored, the newest first.',
  })
  @ApiOkResponse({ standardSchema: interactionPage })
  @ApiProblems('item-not-found')
  async interactionsOfItem(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'item-1' }) }) id: string,
    @Query({ schema: interactionsQuery }) query: InteractionsQuery,
  ) {
    return toPageReply(await this.users.findInteractionsOfItem(catalog, id, query), (row) => row);
  }
}
