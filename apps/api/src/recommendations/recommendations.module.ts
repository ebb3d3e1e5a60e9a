import { Module } from '@nestjs/common';
import { ItemFilters } from './filter/item-filters.js';
import { ListReplies } from './list-replies.js';
import { RankingService } from './ranking.service.js';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationsService } from './recommendations.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [ItemFilters, ListReplies, RankingService, RecommendationsService],
})
export class RecommendationsModule {}
