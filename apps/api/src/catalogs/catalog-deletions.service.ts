import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { CatalogDeletionsRepository } from '#data';
import { type CatalogDeletion, SingleFlight } from '#domain';
import { Rounds, TrainingQueue } from '#queue';
import type { LogNames } from '#tracing';
import { CatalogCaches } from '../serving/catalogs/catalog-caches.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';

/**
 * How long a call waits for the end of a deletion, so that those of small catalogs are answered as finished.
 */
const WAIT_MS = 2_000;

interface BegunDeletion {
  readonly deletion: CatalogDeletion;
  /** Runs that waited for a worker. */
  readonly cancelledRunIds: readonly string[];
  /** Of the lines of the log. */
  readonly names: LogNames;
}

/**
 * Deletes catalogs in the background. What a process leaves unfinished another one finishes, or the same
 * when it starts again.
 */
@Injectable()
export class CatalogDeletions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(CatalogDeletions.name);
  readonly #running = new SingleFlight<void>();
  readonly #ending = new AbortController();
  readonly #rounds = new Rounds('catalog-deletions', () => this.#resume(), this.#logger);

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly deletions: CatalogDeletionsRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly caches: CatalogCaches,
    private readonly queue: TrainingQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.#rounds.start(this.environment.RECONCILE_SECONDS * 1_000);
    this.#rounds.request();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#rounds.stop();
  }

  /** @throws DomainError `catalog-not-found` */
  async start(catalogId: string, names: LogNames): Promise<CatalogDeletion> {
    const begun = await this.deletions.begin(catalogId);
    const { deletion } = begun;
    this.#logger.log({ event: 'catalog.deletion-started', ...names, catalogId, deletionId: deletion.id });
    this.catalogs.forget(catalogId);
    const finished = this.#carryOut({ ...begun, names });
    await Promise.race([finished, delay(WAIT_MS, undefined, { ref: false })]);
    return this.deletions.load(deletion.id);
  }

  /** @throws DomainError `catalog-deletion-not-found` */
  load(id: string): Promise<CatalogDeletion> {
    return this.deletions.load(id);
  }

  async #resume(): Promise<void> {
    for (const deletion of await this.deletions.findUnfinished())
      if (!this.#ending.signal.aborted) await this.#carryOut({ deletion, cancelledRunIds: [], names: {} });
  }

  /** What fails is tried again at the next round. */
  #carryOut(begun: BegunDeletion): Promise<void> {
    const { id, catalogId } = begun.deletion;
    const work = () => this.#empty(begun);
    return this.#running
      .run(id, () => this.deletions.exclusively(id, work))
      .catch((error: unknown) =>
        this.#logger.warn({
          event: 'catalog.deletion-postponed',
          ...begun.names,
          catalogId,
          deletionId: id,
          error: String(error),
        }),
      );
  }

  async #empty({ deletion, cancelledRunIds, names }: BegunDeletion): Promise<void> {
    await this.#dequeue(cancelledRunIds, names);
    do {
      await this.deletions.deleteRows(deletion, this.#ending.signal);
      await this.caches.sweepRedis(deletion.catalogId, this.#ending.signal);
    } while (!(await this.deletions.finish(deletion)));
    const { id: deletionId, catalogId } = deletion;
    this.#logger.log({ event: 'catalog.deleted', ...names, catalogId, deletionId });
  }

  /**
   * A worker drops jobs of runs that are gone, and the job schedulers; what cannot be taken out
   * now waits for it.
   */
  async #dequeue(runIds: readonly string[], names: LogNames): Promise<void> {
    try {
      for (const runId of runIds) await this.queue.remove(runId);
    } catch (error) {
      this.#logger.warn({ event: 'catalog.jobs-left', ...names, error: String(error) });
    }
  }
}
