import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { KeyRing } from '#access';
import { ApiKeysRepository, type MadeApiKey } from '#data';
import { KEY_OVERLAP_SECONDS } from '#domain';
import { toPageReply } from '../common/page-reply.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { readPage } from '../common/read-page.js';
import { madeId, pageQuery, type PageQuery } from '../common/schemas.js';
import {
  keyPage,
  keyReply,
  madeKeyReply,
  newKey,
  rotation,
  toKeyReply,
  toMadeKeyReply,
  type NewKeyBody,
  type RotationBody,
} from './dto/keys.dto.js';
import { Access } from './route-access.js';

@ApiTags('keys')
@ApiProblems('database-unavailable')
@Controller('keys')
export class KeysController {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly ring: KeyRing,
  ) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'List keys', description: 'The newest first, without their secrets.' })
  @ApiOkResponse({ standardSchema: keyPage })
  @ApiProblems('validation-failed')
  async list(@Query({ schema: pageQuery }) query: PageQuery) {
    const find = (before: string | null, limit: number) => this.keys.findPage(before, limit);
    return toPageReply(await readPage(['keys'], query, find), toKeyReply);
  }

  @Post()
  @Access('admin')
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Make a key',
    description:
      'With `origins` it is a key for pages. The answer has the token, which nobody can ask for again. From the first key on every call needs one, for good.',
  })
  @ApiCreatedResponse({ standardSchema: madeKeyReply })
  @ApiProblems('too-many-keys')
  async make(@Body({ schema: newKey }) body: NewKeyBody) {
    const { catalogs = null, origins = null, callsPerSecond = null, expiresAt, ...fields } = body;
    const end = expiresAt ? new Date(expiresAt) : null;
    return this.#made(await this.keys.make({ ...fields, catalogs, origins, callsPerSecond, expiresAt: end }));
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'Get a key' })
  @ApiOkResponse({ standardSchema: keyReply })
  @ApiProblems('validation-failed', 'key-not-found')
  async get(@Param('id', { schema: madeId }) id: string) {
    return toKeyReply(await this.keys.load(id));
  }

  @Post(':id/rotate')
  @Access('admin')
  @ApiBody({ required: false })
  @ApiBodyProblems()
  @ApiOperation({
    summary: 'Rotate a key',
    description: 'Makes a key that may do the same. The old one expires after the overlap.',
  })
  @ApiCreatedResponse({ standardSchema: madeKeyReply })
  @ApiProblems('key-not-found', 'too-many-keys')
  async rotate(@Param('id', { schema: madeId }) id: string, @Body({ schema: rotation }) body: RotationBody) {
    return this.#made(await this.keys.rotate(id, body?.overlapSeconds ?? KEY_OVERLAP_SECONDS.default));
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key', description: 'Nobody is let in by it from then on.' })
  @ApiNoContentResponse()
  @ApiProblems('validation-failed', 'key-not-found')
  async revoke(@Param('id', { schema: madeId }) id: string): Promise<void> {
    await this.keys.revoke(id);
    await this.ring.refresh();
  }

  async #made(made: MadeApiKey) {
    await this.ring.refresh();
    return toMadeKeyReply(made);
  }
}
