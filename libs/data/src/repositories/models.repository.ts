import { crc32 } from 'node:zlib';
import { validate as isUuid } from 'uuid';
import {
  DomainError,
  type Breadth,
  type Metrics,
  type Model,
  type ModelBreadth,
  type ModelParameters,
  type ModelStatus,
} from '#domain';
import { traceParent } from '#tracing';
import { notify } from '../changes/catalog-change.js';
import type { Database, Transaction } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import { Prisma } from '../generated/client.js';
import type { ModelModel } from '../generated/models.js';
import { newestFirst, toPage, type Page } from '../sql/paging.js';
import { artifactCorrupt, chunksOf, readChunks } from '../streams/chunks.js';
import { loadBytes } from '../streams/load-bytes.js';
import { holdCatalog } from './catalogs.repository.js';

export type NewModel = Omit<
  Model,
  'status' | 'createdAt' | 'activatedAt' | 'artifactBytes' | 'artifactChecksum'
>;

export class ModelsRepository {
  constructor(private readonly database: Database) {}

  /** A model of the same data, kind and parameters. */
  async findEqual(
    catalogId: string,
    kind: string,
    parameters: ModelParameters,
    snapshotHash: string,
  ): Promise<Model | null> {
    const row = await this.database.run((prisma) =>
      prisma.model.findFirst({
        where: { catalogId, kind, snapshotHash, parameters: { equals: parameters } },
        orderBy: { id: 'desc' },
      }),
    );
    return row && toModel(row);
  }

  /**
   * Stores the model and its artifact in one transaction: whole or not at all. A run has one model, so that
   * of two workers that publish for one run at once the later is answered with the model of the other.
   */
  async publish(input: NewModel, artifact: Uint8Array): Promise<Model> {
    return this.database.transaction(async (transaction) => {
      await holdCatalog(transaction, input.catalogId);
      const row = await insertFirst(transaction, input, artifact);
      if (!row) return toModel(await transaction.model.findUniqueOrThrow({ where: { runId: input.runId } }));
      for (const chunk of chunksOf(artifact))
        await transaction.modelChunk.create({ data: { modelId: row.id, ...chunk } });
      return toModel(row);
    });
  }

  /**
   * Moves the active pointer, after the artifact's checksum was found right.
   * @throws DomainError `model-not-found`, `model-corrupt`
   */
  async activate(catalogId: string, modelId: string, idempotent?: IdempotentWrite<Model>): Promise<Model> {
    // An artifact never changes once it is written, so it need not be read within the transaction,
    // which others wait for.
    await this.#verifyArtifact(catalogId, modelId);
    return this.database.transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1 FROM catalogs WHERE id = ${catalogId} FOR NO KEY UPDATE`;
      await holdCatalog(transaction, catalogId);
      if (!(await lockModel(transaction, catalogId, modelId))) throw modelNotFound(modelId);
      await transaction.model.updateMany({
        where: { catalogId, status: 'active', id: { not: modelId } },
        data: { status: 'archived' },
      });
      const active = await transaction.model.update({
        where: { id: modelId },
        data: { status: 'active', activatedAt: new Date() },
      });
      await notify(transaction, { kind: 'model-activated', catalogId, modelId, traceParent: traceParent() });
      return toModel(active);
    }, idempotent);
  }

  /** @throws DomainError `model-not-found` */
  async load(catalogId: string, modelId: string): Promise<Model> {
    const model = await this.#find(catalogId, modelId);
    if (!model) throw modelNotFound(modelId);
    return model;
  }

  /** Newest first. */
  async findPage(catalogId: string, before: string | null, limit: number): Promise<Page<Model>> {
    const page = newestFirst(before, limit);
    const rows = await this.database.run((prisma) =>
      prisma.model.findMany({ ...page, where: { catalogId, ...page.where } }),
    );
    return toPage(rows.map(toModel), limit, (model) => model.id);
  }

  async findActive(catalogId: string): Promise<Model | null> {
    const row = await this.database.run((prisma) =>
      prisma.model.findFirst({ where: { catalogId, status: 'active' } }),
    );
    return row && toModel(row);
  }

  async findAllActive(): Promise<Model[]> {
    const rows = await this.database.run((prisma) => prisma.model.findMany({ where: { status: 'active' } }));
    return rows.map(toModel);
  }

  async loadArtifactChunk(modelId: string, position: number): Promise<Uint8Array | null> {
    if (!isUuid(modelId) || !Number.isInteger(position)) return null;
    const chunk = `SELECT bytes FROM model_chunks WHERE model_id = '${modelId}' AND position = ${position}`;
    return loadBytes(this.database, chunk);
  }

  /**
   * A model that is not there is left to the transaction, which says so. @throws DomainError `model-corrupt`
   */
  async #verifyArtifact(catalogId: string, modelId: string): Promise<void> {
    const model = await this.#find(catalogId, modelId);
    if (!model) return;
    const isRight = await readChunks(model, (position) => this.loadArtifactChunk(modelId, position));
    // Its chunks go with a model that is pruned meanwhile.
    if (!isRight && (await this.#find(catalogId, modelId))) throw artifactCorrupt(modelId);
  }

  async #find(catalogId: string, modelId: string): Promise<Model | null> {
    if (!isUuid(modelId)) return null;
    const row = await this.database.run((prisma) =>
      prisma.model.findUnique({ where: { id: modelId, catalogId } }),
    );
    return row && toModel(row);
  }

  /**
   * Deletes the oldest models that are not active, beyond `keep` of them; those that an unfinished list job
   * is making its lists by stay.
   *
   * @param newest stays, though the clock of the worker that made it may be behind
   * @returns how many
   */
  async prune(catalogId: string, keep: number, newest: string): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const found = await transaction.model.findMany({
        where: { catalogId, status: { not: 'active' } },
        orderBy: { id: 'desc' },
        skip: keep,
        select: { id: true },
      });
      const old = found.filter(({ id }) => id !== newest);
      // By their ids, as all who count for models lock them.
      const locked = await transaction.$queryRaw<{ id: string }[]>`
        SELECT id FROM models WHERE id = ANY(${old.map((row) => row.id)}::uuid[]) AND status <> 'active'
          AND NOT EXISTS (SELECT FROM list_jobs j WHERE j.model_id = models.id AND j.status IN ('queued', 'running'))
        ORDER BY id FOR UPDATE`;
      const { count } = await transaction.model.deleteMany({
        where: { id: { in: locked.map((row) => row.id) } },
      });
      return count;
    });
  }
}

/** Nobody prunes it until the transaction ends. @returns false when it is not there */
async function lockModel(transaction: Transaction, catalogId: string, modelId: string): Promise<boolean> {
  if (!isUuid(modelId)) return false;
  const rows = await transaction.$queryRaw<unknown[]>`
    SELECT 1 FROM models WHERE id = ${modelId}::uuid AND catalog_id = ${catalogId} FOR NO KEY UPDATE`;
  return rows.length > 0;
}

function modelNotFound(modelId: string): DomainError {
  return new DomainError('model-not-found', `There is no model "${modelId}"`);
}

/**
 * Waits for a transaction that is publishing for the same run. @returns null when the run has a model already
 */
async function insertFirst(
  transaction: Transaction,
  input: NewModel,
  artifact: Uint8Array,
): Promise<ModelModel | null> {
  const rows = await transaction.model.createManyAndReturn({
    data: [
      {
        ...input,
        metrics: toJson(input.metrics),
        baseline: toJson(input.baseline),
        breadth: input.breadth ? toBreadthJson(input.breadth) : Prisma.DbNull,
        artifactBytes: artifact.length,
        artifactChecksum: crc32(artifact),
      },
    ],
    skipDuplicates: true,
  });
  return rows[0] ?? null;
}

/** Prisma's JSON type knows no readonly arrays. */
function toJson(metrics: Metrics): Record<string, { mean: number; ci95: number[] }> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { mean, ci95 }]) => [name, { mean, ci95: [...ci95] }]),
  );
}

function toBreadthJson({ model, popularity }: ModelBreadth) {
  const plain = ({ tailRecall, exposure, ...rest }: Breadth) => ({
    ...rest,
    tailRecall: [...tailRecall],
    exposure: [...exposure],
  });
  return { model: plain(model), popularity: plain(popularity) };
}

function toModel(row: ModelModel): Model {
  return {
    ...row,
    status: row.status as ModelStatus,
    parameters: row.parameters as ModelParameters,
    metrics: row.metrics as unknown as Metrics,
    baseline: row.baseline as unknown as Metrics,
    breadth: row.breadth as unknown as ModelBreadth | null,
    artifactBytes: Number(row.artifactBytes),
    artifactChecksum: Number(row.artifactChecksum),
  };
}
