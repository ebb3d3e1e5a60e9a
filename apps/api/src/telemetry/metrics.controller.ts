import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { METRICS_TYPE } from '#telemetry';
import { Access } from '../access/route-access.js';
import { ApiMetrics } from './api-metrics.js';

const EXAMPLE = '# TYPE sparserec_fold_ins_total counter\nsparserec_fold_ins_total{model_kind="ease"} 7\n';

@ApiTags('health')
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(private readonly metrics: ApiMetrics) {}

  @Get()
  @Access('metrics')
  @Header('content-type', METRICS_TYPE)
  @ApiOperation({
    summary: 'What has this process done, and how does it do?',
    description: 'In the text format of Prometheus. docs/operations.md lists the metrics.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: EXAMPLE } })
  read(): Promise<string> {
    return this.metrics.text();
  }
}
