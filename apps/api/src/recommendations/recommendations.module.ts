import { Module } from '@nestjs/common';
import { RankingService } from './ranking.service.js';
import { RecommendationsController } from './recommendations.controller.js';
import { RecommendationsService } from './recommendations.service.js';

@Module({ controllers: [RecommendationsController], providers: [RankingService, RecommendationsService] })
export class RecommendationsModule {}
