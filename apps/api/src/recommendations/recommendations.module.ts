import { Module } from '@nestjs/common';
import { RecommendationBatches } from './batch/recommendation-batches.service.js';
import { Boosts } from './boost/boosts.js';
import { ItemFilters } from './filter/item-filters.js';
import { ListReplies } from './list-replies.js';
import { ListRequests } from './list-requests.js';
import { RankingService } from './ranking.service.js';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationsService } from './recommendations.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [
    RecommendationBatches,
    Boosts,
    ItemFilters,
    ListReplies,
    ListRequests,
    RankingService,
    RecommendationsService,
  ],
})
export class RecommendationsModule {}
