import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProcessesRepository } from '#data';
import { Access } from '../access/route-access.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { processesReply, toProcessesReply, type ProcessesReply } from './dto/processes.dto.js';

@ApiTags('service')
@ApiProblems('database-unavailable')
@Controller('processes')
export class ProcessesController {
  constructor(private readonly processes: ProcessesRepository) {}

  @Get()
  @Access('metrics')
  @ApiOperation({
    summary: 'List the processes of the service',
    description:
      'API processes and workers that are connected to the database now, with their versions, the oldest first. PostgreSQL knows them by the connection that listens for changes: one that cannot listen, behind a pooler, is not among them unless it answers this call.',
  })
  @ApiOkResponse({ standardSchema: processesReply })
  async list(): Promise<ProcessesReply> {
    const processes = await this.processes.findAll();
    return toProcessesReply(processes, await this.processes.findServerVersion());
  }
}
