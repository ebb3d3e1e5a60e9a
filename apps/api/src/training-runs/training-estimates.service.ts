import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { CatalogsRepository, TrainingRunsRepository, UsageRepository, type TrainedRun } from '#data';
import {
  estimateRunBytes,
  estimateRunSeconds,
  modelKind,
  modelRegistry,
  parseParameters,
  type MeasuredRun,
} from '#models';
import type { EstimateReply, EstimateRequest } from './dto/training-estimates.dto.js';

const MEBIBYTE = 1024 * 1024;

/** What a run would take, from counts that cost little however large the catalog is. */
@Injectable()
export class TrainingEstimates {
  constructor(
    private readonly catalogs: CatalogsRepository,
    private readonly usage: UsageRepository,
    private readonly runs: TrainingRunsRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async estimate(catalogId: string, { model, parameters }: EstimateRequest): Promise<EstimateReply> {
    const parsed = parseParameters(model, parameters);
    const { userCount: numUsers, itemCount: numItems } = await this.catalogs.load(catalogId);
    const nnz = await this.usage.countInteractions(catalogId);
    const { TRAINING_MEMORY_MB: budget, TRAINING_THREADS: threads } = this.environment;
    const shape = { numUsers, numItems, nnz };
    const fit = modelKind(model).estimate(shape, parsed, threads);
    const trained = await this.runs.findTrained(catalogId);
    const before = trained.find(({ kind }) => kind === model) ?? trained[0];
    const measured = before ? this.#measure(before) : null;
    return {
      ...{ numUsers, numItems, numInteractions: nnz },
      bytes: estimateRunBytes(shape, fit),
      budgetBytes: budget * MEBIBYTE,
      seconds: estimateRunSeconds({ fit, nnz, threads }, measured),
      basis: !measured ? 'assumed' : before?.kind === model ? 'same-kind' : 'other-kind',
    };
  }

  /** @returns null for one that an earlier release has trained, with other parameters */
  #measure({ kind, parameters, timingsMs, ...shape }: TrainedRun): MeasuredRun | null {
    const known = modelRegistry.get(kind);
    const parsed = known?.parameters.safeParse(parameters);
    if (!known || !parsed?.success) return null;
    const fit = known.estimate(shape, parsed.data, this.environment.TRAINING_THREADS);
    return { fit, nnz: shape.nnz, timingsMs };
  }
}
