import { Module } from '@nestjs/common';
import { RecommendationBatches } from './http/batch/recommendation-batches.service.js';
import { Boosts } from './requests/boost/boosts.js';
import { ItemFilters } from './requests/filter/item-filters.js';
import { ListMaker } from './ranking/list-maker.js';
import { ListPages } from './pages/list-pages.js';
import { ListReplies } from './answers/list-replies.js';
import { ListRequests } from './requests/list-requests.js';
import { PopularListsService } from './answers/popular-lists.service.js';
import { RankingService } from './ranking/ranking.service.js';
import { ReadyAnswers } from './answers/ready-answers.js';
import { RecommendationsController } from './http/recommendations.controller.js';
import { RecommendationsService } from './answers/recommendations.service.js';
import { SimilarUsersService } from './answers/similar-users.service.js';
import { UserAnswers } from './answers/user-answers.js';
import { UserListsService } from './answers/user-lists.service.js';

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
