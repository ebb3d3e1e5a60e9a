import { Module } from '@nestjs/common';
import { ListReplies } from './list-replies.js';
import { RankingService } from './ranking.service.js';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationsService } from './recommendations.service.js';

@Module({
  controllers: [RecommendationsController],
  providers: [ListReplies, RankingService, RecommendationsService],
})
export class RecommendationsModule {}
