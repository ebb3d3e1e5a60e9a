import { Module } from '@nestjs/common';
import { RankingService } from '#ranking';
import { ScoringThreads } from '../serving/scoring/scoring-threads.js';
import { LatestListsService } from './answers/latest-lists.service.js';
import { ListMaker } from './answers/list-maker.js';
import { ListReplies } from './answers/list-replies.js';
import { ListTimes } from './answers/list-times.js';
import { PopularListsService } from './answers/popular-lists.service.js';
import { RankService } from './answers/rank.service.js';
import { RecommendationsService } from './answers/recommendations.service.js';
import { SharedPages } from './answers/shared-pages.js';
import { SimilarUsersService } from './answers/similar-users.service.js';
import { UserListsService } from './answers/user-lists.service.js';
import { RecommendationBatches } from './http/batch/recommendation-batches.service.js';
import { RecommendationsController } from './http/recommendations.controller.js';
import { ListPages } from './pages/list-pages.js';

@Module({
  controllers: [RecommendationsController],
  providers: [
    RecommendationBatches,
    LatestListsService,
    ListMaker,
    ListPages,
    ListReplies,
    ListTimes,
    PopularListsService,
    RankService,
    {
      provide: RankingService,
      inject: [ScoringThreads],
      useFactory: (threads: ScoringThreads) => new RankingService(threads),
    },
    RecommendationsService,
    SharedPages,
    SimilarUsersService,
    UserListsService,
  ],
  exports: [ListTimes],
})
export class RecommendationsModule {}
