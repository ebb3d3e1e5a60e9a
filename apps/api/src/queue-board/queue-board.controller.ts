import { Controller, Get, Patch, Post, Put, Query, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/route-access.js';
import { QueueBoard } from './queue-board.js';

/** Pages for operators, which are no calls of the API. */
@ApiExcludeController()
@Controller({ path: 'queues', version: VERSION_NEUTRAL })
export class QueueBoardController {
  constructor(private readonly board: QueueBoard) {}

  @Get(['', '*', 'api/*'])
  @Access('admin')
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object): Promise<void> {
    return this.#send(request, reply);
  }

  @Post('api/*')
  @Access('admin')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object): Promise<void> {
    return this.#send(request, reply);
  }

  @Put('api/*')
  @Access('admin')
  put(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object): Promise<void> {
    return this.#send(request, reply);
  }

  @Patch('api/*')
  @Access('admin')
  patch(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object): Promise<void> {
    return this.#send(request, reply);
  }

  async #send(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { status, headers, body } = await this.board.answer(request);
    void reply.status(status).headers(headers).send(body);
  }
}
