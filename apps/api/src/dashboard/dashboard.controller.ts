import { Controller, Get, Query, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/route-access.js';
import { DASHBOARD_HEADERS } from '../access/security-headers.js';
import { isEtagAmong } from '../common/revalidated.js';
import { DashboardFiles, type DashboardFile } from './dashboard-files.js';

/** Their names have the hash of what is in them. */
const FOREVER = 'public, max-age=31536000, immutable';

/** A page for browsers, which is no call. It has no data: it asks the API, with the key of its user. */
@ApiExcludeController()
@Controller({ path: '', version: VERSION_NEUTRAL })
export class DashboardController {
  constructor(private readonly files: DashboardFiles) {}

  @Get()
  @Access('everyone')
  async shell(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object) {
    const file = await this.files.shell();
    send(request, reply.headers({ ...DASHBOARD_HEADERS, 'cache-control': 'no-cache' }), file);
  }

  @Get('assets/:file')
  @Access('everyone')
  async asset(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() _query: object) {
    const file = await this.files.asset((request.params as { readonly file: string }).file);
    send(request, reply.header('cache-control', FOREVER), file);
  }
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: DashboardFile): void {
  const takesGzip = /\bgzip\b(?!;\s*q=0(\.0*)?(,|$))/.test(headers['accept-encoding'] ?? '');
  const packed = takesGzip ? file.packed : null;
  // Strong, so one for each encoding.
  const etag = packed ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  void reply.headers({ etag, vary: 'Accept-Encoding' });
  if (isEtagAmong(headers['if-none-match'] ?? '', etag)) return void reply.status(304).send();
  if (packed) void reply.header('content-encoding', 'gzip');
  void reply.type(file.type).send(packed ?? file.body);
}
