import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { toPageReply } from '../common/page-reply.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
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
import { UsersService } from './users.service.js';

@ApiTags('users')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog')
export class UsersController {
  constructor(private readonly users: UsersService) {}

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
    description: 'What is stored of the user, in numbers. `GET …/users/{id}/interactions` has the rows.',
  })
  @ApiOkResponse({ standardSchema: userReply })
  @ApiProblems('user-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) id: string,
  ) {
    return toSummaryReply(await this.users.summarize(catalog, id));
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
