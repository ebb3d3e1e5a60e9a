import type { Metrics, ModelParameters } from '#domain';
import {
  ComputeThreads,
  CsrMatrix,
  fitOrLeaveOut,
  measureKind,
  modelKind,
  reasonToLeaveOut,
  validateKind,
  type CostLimit,
  type CsrArrays,
  type Evaluation,
  type LeftOut,
  type Split,
} from '#models';
import { describeCandidate, peakRssBytes } from '../figures.js';
import { FitProgress, Progress } from '../progress.js';

/** A split as it is passed between processes. */
export interface PassedSplit {
  readonly train: CsrArrays;
  readonly test: CsrArrays;
}

interface Work {
  readonly model: string;
  readonly parameters: ModelParameters;
  readonly train: CsrArrays;
  readonly seed: number;
  readonly threads: number;
}

/** Chooses the parameters and measures them on a part of the training data. */
export interface ValidateStep extends Work {
  readonly step: 'validate';
  /** The training data in two; absent: a tenth of it is drawn at random. */
  readonly validation?: PassedSplit | undefined;
  readonly tune: boolean;
  readonly limit: CostLimit;
}

/** Fits on the training part and measures on the test part. */
export interface MeasureStep extends Work {
  readonly step: 'measure';
  readonly test: CsrArrays;
  readonly ks: readonly number[];
}

export interface Validated {
  readonly parameters: ModelParameters;
  readonly validation: Metrics;
}

/** What one model achieves on the test part; passed between processes, so it is plain data. */
export interface Measured {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly whole: Evaluation;
  readonly served?: Metrics;
  readonly fitMs: number;
  readonly evaluateMs: number;
  /** Of the process after the fit: this model's alone, since each has a process of its own. */
  readonly peakRssBytes: number;
  readonly artifactBytes: number;
  readonly kernel: string;
}

/** What each step answers. */
export interface StepResults {
  readonly validate: Validated | LeftOut;
  readonly measure: Measured | LeftOut;
}
export type Step = ValidateStep | MeasureStep;

export async function runStep(step: Step): Promise<StepResults[Step['step']]> {
  const compute = new ComputeThreads({ threads: step.threads });
  try {
    return await (step.step === 'validate' ? validate(step, compute) : measure(step, compute));
  } finally {
    compute.close();
  }
}

async function validate(step: ValidateStep, compute: ComputeThreads): Promise<Validated | LeftOut> {
  const { model, seed, tune, threads } = step;
  const kind = modelKind(model);
  const matrix = CsrMatrix.ofChecked(step.train);
  const shape = { numUsers: matrix.numRows, numItems: matrix.numCols, nnz: matrix.nnz };
  const reason = reasonToLeaveOut(
    kind.estimate(shape, kind.parameters.parse(step.parameters), threads),
    step.limit,
  );
  if (reason !== null) return { leftOut: reason };
  const fitting = new Progress(`${model}: fitting for validation`);
  return fitOrLeaveOut(async () => {
    const { parameters, metrics } = await validateKind(kind, matrix, step.parameters, {
      seed,
      compute,
      tune,
      validation: step.validation && splitOf(step.validation),
      onFitting: fitting.report,
      onCandidate: (candidate, best) => {
        if (tune) process.stderr.write(`${model}: ${describeCandidate(candidate, candidate === best)}\n`);
      },
    }).finally(() => fitting.stop());
    return { parameters, validation: metrics };
  });
}

async function measure(step: MeasureStep, compute: ComputeThreads): Promise<Measured | LeftOut> {
  const { model, seed, ks } = step;
  const split = splitOf(step);
  const progress = new FitProgress(`${model}: `);
  let peak = 0;
  return fitOrLeaveOut(async () => {
    const { whole, served, trained, fitMs, evaluateMs } = await measureKind(
      modelKind(model),
      split,
      step.parameters,
      {
        ks,
        seed,
        compute,
        onFitting: progress.onFitting,
        onFitted: () => {
          peak = peakRssBytes();
          progress.onFitted();
        },
        onEvaluating: progress.onEvaluating,
      },
    );
    progress.stop();
    return {
      users: whole.users,
      items: split.train.numCols,
      interactions: split.train.nnz,
      whole,
      ...(served && { served: served.metrics }),
      fitMs,
      evaluateMs,
      peakRssBytes: peak,
      artifactBytes: trained.recommender.encode().length,
      kernel: trained.kernel,
    };
  });
}

function splitOf({ train, test }: PassedSplit): Split {
  return { train: CsrMatrix.ofChecked(train), test: CsrMatrix.ofChecked(test) };
}
