import { Module } from '@nestjs/common';
import { RecommendationBatches } from './batch/recommendation-batches.service.js';
import { Boosts } from './boost/boosts.js';
import { ItemFilters } from './filter/item-filters.js';
import { ListMaker } from './list-maker.js';
import { ListPages } from './list-pages.js';
import { ListReplies } from './list-replies.js';
import { ListRequests } from './list-requests.js';
import { PopularListsService } from './popular-lists.service.js';
import { RankingService } from './ranking.service.js';
import { ReadyAnswers } from './ready-answers.js';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationsService } from './recommendations.service.js';
import { SimilarUsersService } from './similar-users.service.js';
import { UserAnswers } from './user-answers.js';
import { UserListsService } from './user-lists.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [
    RecommendationBatches,
    Boosts,
    ItemFilters,
    ListMaker,
    ListPages,
    ListReplies,
    ListRequests,
    PopularListsService,
    RankingService,
    ReadyAnswers,
    RecommendationsService,
    SimilarUsersService,
    UserAnswers,
    UserListsService,
  ],
})
export class RecommendationsModule {}
