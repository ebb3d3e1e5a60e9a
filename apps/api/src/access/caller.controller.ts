import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { KeyRing } from '#access';
import type { ApiKey } from '#domain';
import { ApiProblems } from '../common/problem/api-problems.js';
import { Caller } from './caller.js';
import { callerReply, toCallerReply } from './dto/caller.dto.js';
import { Access } from './route-access.js';

@ApiTags('keys')
@ApiProblems('database-unavailable')
@Controller('caller')
export class CallerController {
  constructor(private readonly ring: KeyRing) {}

  @Get()
  @Access('any-key')
  @ApiOperation({
    summary: 'Say what the caller may do',
    description: 'The key of the call, without its secret. Where no key is needed, everything is allowed.',
  })
  @ApiOkResponse({ standardSchema: callerReply })
  get(@Caller() key: ApiKey | null) {
    return toCallerReply(key, !this.ring.isOpen);
  }
}
