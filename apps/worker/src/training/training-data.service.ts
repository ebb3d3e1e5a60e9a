import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { SnapshotReader, type Snapshot } from '#data';
import { DomainError, type ModelParameters, type TrainingRun } from '#domain';
import { estimateRunBytes, modelKind, type CostLimit, type MatrixShape } from '#models';
import { assertWithinBudget, leaderboardLimit } from './memory-budget.js';

export interface RunEstimate {
  readonly estimatedBytes: number;
  /** What another kind's fit may cost to be compared with the run's own. */
  readonly leaderboardLimit: CostLimit;
  /** @throws DomainError `memory-budget-exceeded` */
  assertWithinBudget(): void;
}

interface LoadOptions {
  readonly onProgress: (fraction: number) => void;
  readonly signal: AbortSignal;
}

/** What a run trains on, and whether it fits. */
@Injectable()
export class TrainingDataService {
  constructor(
    private readonly snapshots: SnapshotReader,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** @throws DomainError `no-training-data` */
  async estimate(
    { catalogId, kind }: TrainingRun,
    parameters: ModelParameters,
    signal: AbortSignal,
  ): Promise<RunEstimate> {
    const shape = await this.snapshots.countPairs(catalogId, signal);
    assertTrainable(catalogId, shape);
    const { TRAINING_MEMORY_MB: budgetMegabytes, TRAINING_THREADS: threads } = this.environment;
    const fit = modelKind(kind).estimate(shape, parameters, threads);
    const estimatedBytes = estimateRunBytes(shape, fit);
    return {
      estimatedBytes,
      leaderboardLimit: leaderboardLimit(estimatedBytes, budgetMegabytes, fit),
      assertWithinBudget: () => assertWithinBudget(estimatedBytes, budgetMegabytes, shape),
    };
  }

  /** @throws DomainError `no-training-data`, and when the signal aborts */
  async load({ catalogId }: TrainingRun, { onProgress, signal }: LoadOptions): Promise<Snapshot> {
    const snapshot = await this.snapshots.load(catalogId, {
      onProgress: (rows, expected) => onProgress(rows / Math.max(1, expected)),
      signal,
    });
    assertTrainable(catalogId, shapeOf(snapshot));
    return snapshot;
  }
}

export function shapeOf(snapshot: Snapshot): MatrixShape {
  return {
    numUsers: snapshot.userKeys.length,
    numItems: snapshot.itemKeys.length,
    nnz: snapshot.indices.length,
  };
}

function assertTrainable(catalogId: string, shape: MatrixShape): void {
  if (shape.nnz > 0) return;
  throw new DomainError(
    'no-training-data',
    `Catalog ${catalogId} has no interactions of users who allow training; record some before training.`,
  );
}
