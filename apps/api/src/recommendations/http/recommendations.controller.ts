import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { ApiKey } from '#domain';
import type { LogNames } from '#tracing';
import { Caller } from '../../access/caller.js';
import { Access, NeedsPeopleWith, OpenToPages } from '../../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../../common/problem/api-problems.js';
import { catalogName, externalId } from '../../common/schemas.js';
import { Names } from '../../telemetry/request-ids.js';
import { LatestListsService } from '../answers/latest-lists.service.js';
import { PopularListsService } from '../answers/popular-lists.service.js';
import { RankService } from '../answers/rank.service.js';
import { RecommendationsService } from '../answers/recommendations.service.js';
import { SimilarUsersService } from '../answers/similar-users.service.js';
import { UserListsService } from '../answers/user-lists.service.js';
import { batchLine, batchRequest, type BatchRequest } from './batch/batch.dto.js';
import { RecommendationBatches } from './batch/recommendation-batches.service.js';
import {
  latestQuery,
  popularQuery,
  popularReply,
  type LatestQuery,
  type PopularQuery,
  type PopularReply,
} from './dto/popular.dto.js';
import { rankReply, rankRequest, type RankReply, type RankRequest } from './dto/rank.dto.js';
import {
  basketRequest,
  listQuery,
  recommendationReply,
  userQuery,
  type BasketRequest,
  type ListQuery,
  type RecommendationReply,
  type UserQuery,
} from './dto/recommendation.dto.js';
import {
  similarUsersQuery,
  similarUsersReply,
  type SimilarUsersQuery,
  type SimilarUsersReply,
} from './dto/similar-users.dto.js';
import { REPLY_SCHEMA } from './reply-schema.js';

/** Of answers that a service writes itself. */
const JSON_TYPE = 'application/json; charset=utf-8';
/** The others are written by a serialiser that is compiled from their schema. */
const COMPILED = { response: { 200: REPLY_SCHEMA } };
/** Of calls that name a model. */
const OF_CHOSEN_MODELS = ['model-not-found', 'model-corrupt', 'memory-budget-exceeded'] as const;
/** What visitors of a page have no use for. */
const OF_PEOPLE_WHO_LOOK = ['model', 'preview'];

@ApiTags('recommendations')
@ApiOkResponse({ standardSchema: recommendationReply })
@ApiProblems('validation-failed', 'catalog-not-found', 'database-unavailable', ...OF_CHOSEN_MODELS)
@Controller('catalogs/:catalog')
export class RecommendationsController {
  constructor(
    private readonly recommendations: RecommendationsService,
    private readonly userLists: UserListsService,
    private readonly batches: RecommendationBatches,
    private readonly popularLists: PopularListsService,
    private readonly latestLists: LatestListsService,
    private readonly ranks: RankService,
    private readonly similarUsers: SimilarUsersService,
  ) {}

  @Get('users/:id/recommendations')
  @Access('read')
  @NeedsPeopleWith('explain')
  @OpenToPages({ without: ['explain', 'without', 'rotation', ...OF_PEOPLE_WHO_LOOK] })
  @Header('content-type', JSON_TYPE)
  @ApiOperation({
    summary: 'Recommend to a user',
    description:
      'Knows the last interaction. Someone who never interacted gets the popular list, labelled so. `explain` names what the user had, and a `boost` with `userTag` or `userMetadata` what is known of the user: a key needs the scope `people` for them.',
  })
  @ApiProblems('cursor-expired')
  forUser(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) userId: string,
    @Query({ schema: userQuery }) query: UserQuery,
    @Caller() caller: ApiKey | null,
  ): Promise<string> {
    return this.userLists.jsonForUser({ catalogId: catalog, userId, caller }, query);
  }

  @Post('recommendations')
  @Access('read')
  @OpenToPages()
  @ApiBodyProblems()
  @RouteSchema(COMPILED)
  @HttpCode(200)
  @ApiOperation({
    summary: 'Recommend for a basket',
    description: 'Through the full model; nothing is stored.',
  })
  @ApiOkResponse({ standardSchema: recommendationReply })
  forBasket(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: basketRequest }) basket: BasketRequest,
    @Caller() caller: ApiKey | null,
  ): Promise<RecommendationReply> {
    return this.recommendations.forBasket(catalog, basket, caller);
  }

  @Post('recommendations/rank')
  @Access('read')
  @ApiBodyProblems()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put candidates in order',
    description:
      'For a user or a basket: in the order in which the list of all items has them. `explain`, and a `boost` with `userTag` or `userMetadata`, for a user need a key of the scope `people`, for a basket not.',
  })
  @ApiOkResponse({ standardSchema: rankReply })
  rank(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: rankRequest }) request: RankRequest,
    @Caller() caller: ApiKey | null,
  ): Promise<RankReply> {
    return this.ranks.rank(catalog, request, caller);
  }

  @Post('recommendations/batch')
  @Access('read')
  @ApiBodyProblems()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Recommend to many users and for many baskets',
    description:
      'Answers one JSON line a request, in their order, each as soon as it is there: a list with the `index` of its request, or `index` and `error`, a problem document. One that fails does not hold up the others. `explain` for a user needs a key of the scope `people`, for a basket not.',
  })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ standardSchema: batchLine })
  async forMany(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: batchRequest }) { requests }: BatchRequest,
    @Names() names: LogNames,
    @Caller() caller: ApiKey | null,
  ): Promise<StreamableFile> {
    const lines = await this.batches.answer(catalog, requests, { names, caller });
    return new StreamableFile(lines, { type: 'application/x-ndjson' });
  }

  @Get('items/:id/similar')
  @Access('read')
  @OpenToPages({ without: OF_PEOPLE_WHO_LOOK })
  @RouteSchema(COMPILED)
  @ApiOperation({ summary: 'Items that go with an item' })
  @ApiProblems('item-not-found', 'cursor-expired')
  similar(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'item-1' }) }) itemId: string,
    @Query({ schema: listQuery }) query: ListQuery,
  ): Promise<RecommendationReply> {
    return this.recommendations.similar(catalog, itemId, query);
  }

  @Get('popular')
  @Access('read')
  @OpenToPages({ without: ['userTag', ...OF_PEOPLE_WHO_LOOK] })
  @ApiOperation({
    summary: 'The items of most users',
    description:
      'As of the active model; with `windowDays`, `halfLifeDays`, `type` or `userTag`, and before the first model, by the interactions that are stored now.',
  })
  @ApiProblems('cursor-expired')
  @ApiOkResponse({ standardSchema: popularReply })
  popular(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: popularQuery }) query: PopularQuery,
  ): Promise<PopularReply> {
    return this.popularLists.find(catalog, query);
  }

  @Get('latest')
  @Access('read')
  @OpenToPages({ without: OF_PEOPLE_WHO_LOOK })
  @RouteSchema(COMPILED)
  @ApiOperation({
    summary: 'The newest items',
    description: 'By their `createdAt`, the newest first. No model makes the list, so `modelId` is null.',
  })
  @ApiProblems('cursor-expired')
  latest(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Query({ schema: latestQuery }) query: LatestQuery,
  ): Promise<RecommendationReply> {
    return this.latestLists.find(catalog, query);
  }

  @Get('users/:id/similar')
  @Access('people')
  @ApiOperation({
    summary: 'Users most like a user',
    description: 'By the cosine of their histories. Nobody is like an unknown user; that is no error.',
  })
  @ApiOkResponse({ standardSchema: similarUsersReply })
  similarTo(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) userId: string,
    @Query({ schema: similarUsersQuery }) { k }: SimilarUsersQuery,
  ): Promise<SimilarUsersReply> {
    return this.similarUsers.find(catalog, userId, k);
  }
}
