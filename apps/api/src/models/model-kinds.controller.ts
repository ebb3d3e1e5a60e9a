import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { MODEL_KINDS, modelKindsReply } from './dto/model-kinds.dto.js';

@ApiTags('models')
@Controller('model-kinds')
export class ModelKindsController {
  @Get()
  @Access('any-key')
  @ApiOperation({
    summary: 'List the kinds of models and their parameters',
    description:
      'Each parameter with its default, range and words: what `parameters` of a training run or a schedule may have.',
  })
  @ApiOkResponse({ standardSchema: modelKindsReply })
  list() {
    return MODEL_KINDS;
  }
}
