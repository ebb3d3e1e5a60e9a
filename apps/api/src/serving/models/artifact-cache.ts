import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '#config';
import { artifactCorrupt, CHUNK_BYTES, ModelsRepository, readChunks } from '#data';
import { CacheCounts, type Model } from '#domain';
import { itemSideKey } from '../../common/redis-keys.js';
import { CACHE_REDIS } from '../redis-client.js';

/** For processes that are loading it just now. */
const REPLACED_SECONDS = 60;

/**
 * Item sides by chunks: from Redis where they are there and whole, else from Postgres, and
 * then cached in Redis.
 */
@Injectable()
export class ArtifactCache {
  /** Of chunks in Redis. */
  readonly counts = new CacheCounts();

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CACHE_REDIS) private readonly redis: Redis | null,
    private readonly models: ModelsRepository,
  ) {}

  /**
   * In memory that threads share. @throws DomainError `model-corrupt` when neither has the
   * bytes that were written
   */
  async load(model: Model): Promise<Uint8Array> {
    const bytes =
      (await this.#assemble(model, (position) => this.#readThrough(model, position))) ??
      (await this.#assemble(model, (position) => this.#readAnew(model, position)));
    if (bytes) return bytes;
    throw artifactCorrupt(model.id);
  }

  /** Has the chunks of a model that another one has replaced go soon: models may come every minute. */
  async release(model: Model): Promise<void> {
    const { redis } = this;
    if (!redis) return;
    const positions = Array.from({ length: Math.ceil(model.artifactBytes / CHUNK_BYTES) }, (_, n) => n);
    const seconds = Math.min(REPLACED_SECONDS, this.environment.MODEL_CACHE_SECONDS);
    const expire = (position: number) => redis.expire(chunkKey(model, position), seconds);
    await Promise.all(positions.map(expire)).catch(() => undefined);
  }

  /** @returns null when they are not the bytes that were written */
  async #assemble(model: Model, read: (position: number) => Promise<Uint8Array>): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(new SharedArrayBuffer(model.artifactBytes));
    const isRight = await readChunks(model, read, (chunk, offset) => bytes.set(chunk, offset));
    return isRight ? bytes : null;
  }

  async #readThrough(model: Model, position: number): Promise<Uint8Array> {
    if (!this.redis) return this.#readAnew(model, position);
    const cached = await this.redis.getBuffer(chunkKey(model, position)).catch(() => null);
    this.counts.note(cached !== null);
    return cached ?? this.#readAnew(model, position);
  }

  async #readAnew(model: Model, position: number): Promise<Uint8Array> {
    const chunk = (await this.models.loadArtifactChunk(model.id, position)) ?? new Uint8Array();
    await this.redis
      ?.set(chunkKey(model, position), Buffer.from(chunk), 'EX', this.environment.MODEL_CACHE_SECONDS)
      .catch(() => undefined);
    return chunk;
  }
}

function chunkKey(model: Model, position: number): string {
  return itemSideKey(model.catalogId, model.id, position);
}
