import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName } from '../common/schemas.js';
import {
  estimateReply,
  estimateRequest,
  type EstimateReply,
  type EstimateRequest,
} from './dto/training-estimates.dto.js';
import { TrainingEstimates } from './training-estimates.service.js';

@ApiTags('training runs')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/training-estimates')
export class TrainingEstimatesController {
  constructor(private readonly estimates: TrainingEstimates) {}

  @Post()
  @Access('read')
  @ApiBodyProblems()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Estimate a training run',
    description:
      'Memory and time of a run of these parameters on what the catalog has now; nothing is started. Time is worked out from what earlier runs of the catalog took.',
  })
  @ApiOkResponse({ standardSchema: estimateReply })
  estimate(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Body({ schema: estimateRequest }) request: EstimateRequest,
  ): Promise<EstimateReply> {
    return this.estimates.estimate(catalog, request);
  }
}
