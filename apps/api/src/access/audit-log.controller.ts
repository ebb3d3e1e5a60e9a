import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLogRepository } from '#data';
import { toPageReply } from '../common/page-reply.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { readPage } from '../common/read-page.js';
import { pageQuery, type PageQuery } from '../common/schemas.js';
import { auditPage, toAuditEntryReply } from './dto/audit-log.dto.js';
import { Access } from './route-access.js';

@ApiTags('keys')
@Controller('audit-log')
export class AuditLogController {
  constructor(private readonly audit: AuditLogRepository) {}

  @Get()
  @Access('admin')
  @ApiOperation({
    summary: 'Read the audit log',
    description:
      'Calls that changed something by the scope `train` or `admin` and reads of exports, refused ones included, the newest first. Entries are stored for 400 days.',
  })
  @ApiOkResponse({ standardSchema: auditPage })
  @ApiProblems('validation-failed', 'database-unavailable')
  async list(@Query({ schema: pageQuery }) query: PageQuery) {
    const find = (before: string | null, limit: number) => this.audit.findPage(before, limit);
    return toPageReply(await readPage(['audit-log'], query, find), toAuditEntryReply);
  }
}
