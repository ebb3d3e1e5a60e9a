import { Module } from '@nestjs/common';
import { ListMaker } from './answers/list-maker.js';
import { ListReplies } from './answers/list-replies.js';
import { ListTimes } from './answers/list-times.js';
import { PopularListsService } from './answers/popular-lists.service.js';
import { RecommendationsService } from './answers/recommendations.service.js';
import { SimilarUsersService } from './answers/similar-users.service.js';
import { UserListsService } from './answers/user-lists.service.js';
import { RecommendationBatches } from './http/batch/recommendation-batches.service.js';
import { RecommendationsController } from './http/recommendations.controller.js';
import { ListPages } from './pages/list-pages.js';
import { RankingService } from './ranking/ranking.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [
    RecommendationBatches,
    ListMaker,
    ListPages,
    ListReplies,
    ListTimes,
    PopularListsService,
    RankingService,
    RecommendationsService,
    SimilarUsersService,
    UserListsService,
  ],
  exports: [ListTimes],
})
export class RecommendationsModule {}
