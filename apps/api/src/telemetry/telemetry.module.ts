import { Module } from '@nestjs/common';
import { RecommendationsModule } from '../recommendations/recommendations.module.js';
import { ApiMetrics } from './api-metrics.js';
import { Caches } from './caches.js';
import { MetricsController } from './metrics.controller.js';
import { RequestCounts } from './request-counts.js';

@Module({
  imports: [RecommendationsModule],
  controllers: [MetricsController],
  providers: [ApiMetrics, Caches, RequestCounts],
})
export class TelemetryModule {}
