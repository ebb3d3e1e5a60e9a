import { DomainError } from '#domain';
import {
  CsrMatrix,
  GraphTrainer,
  seededRandom,
  type ComputeThreads,
  type ContrastNodes,
  type TrainerState,
} from '#sparse';
import { holdOut } from '../dataset/split.js';
import type { FitContext } from '../recommender.js';
import { distinctNodes, drawNodes, epochBatches, type Batch } from './batches.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  fingerprint,
  type Checkpoint,
  type Phase,
} from './checkpoint.js';
import { foldInKeys, type TrainedEmbeddings } from './fold-in.js';
import { denominatorNodes, pace, type LightgclParameters, type PacedParameters } from './lightgcl.params.js';
import { trainingGraph } from './training-graph.js';

/** Share of each user's items that epochs are chosen on, how often, and on how many users at most. */
const VALIDATION_SHARE = 0.1;
const VALIDATE_EVERY = 5;
const VALIDATION_USERS = 2_000;
const CHOOSING_SHARE = 0.5;

/** NDCG of the model, folded in, on the test part. */
export type Validate = (embeddings: TrainedEmbeddings, train: CsrMatrix, test: CsrMatrix) => number;

export interface TrainOptions extends FitContext {
  readonly compute: ComputeThreads;
  readonly validate: Validate;
}

/**
 * Trains on nine tenths of each user's items until NDCG@20 on the rest has not improved for `patience`
 * epochs, and then anew on all of the data for the best number of epochs. Goes on from a checkpoint as if
 * it had never stopped.
 *
 * @throws DomainError `numerically-singular` when the loss is not finite
 */
export async function trainLightgcl(
  matrix: CsrMatrix,
  given: LightgclParameters,
  options: TrainOptions,
): Promise<TrainedEmbeddings> {
  const parameters = pace(given, matrix.nnz);
  const owner = fingerprint(matrix, parameters, options.seed);
  const saved = await options.checkpoint?.load();
  let from = (saved && decodeCheckpoint(saved, owner)) || null;
  const chooses = parameters.patience > 0 && matrix.nnz > 0;
  let epochs = parameters.epochs;
  if (chooses && from?.phase !== 'final') {
    epochs = (await run(matrix, parameters, options, { phase: 'choosing', owner, from, epochs })).bestEpoch;
    from = null;
  } else if (chooses && from) epochs = from.bestEpoch;
  return (await run(matrix, parameters, options, { phase: 'final', owner, from, epochs })).embeddings;
}

interface RunPlan {
  readonly phase: Phase;
  readonly owner: string;
  readonly from: Checkpoint | null;
  readonly epochs: number;
}

async function run(
  matrix: CsrMatrix,
  parameters: PacedParameters,
  options: TrainOptions,
  { phase, owner, from, epochs }: RunPlan,
): Promise<{ readonly bestEpoch: number; readonly embeddings: TrainedEmbeddings }> {
  const { seed, compute } = options;
  const split = phase === 'choosing' ? holdOut(matrix, { fraction: VALIDATION_SHARE, seed }) : null;
  const train = split?.train ?? matrix;
  const graph = await trainingGraph(compute, train, parameters, seed);
  const trainer = new GraphTrainer(compute, graph, from?.trainer ?? initialState(train, parameters, seed));
  try {
    const test = split && someRows(split.test, VALIDATION_USERS);
    let [bestEpoch, bestMetric] = [from?.bestEpoch ?? epochs, from?.bestMetric ?? -1];
    const embeddings = () =>
      foldInKeys(train, trainer.state().parameters, trainer.embeddings(), parameters.factors);
    for (let epoch = (from?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
      if (phase === 'choosing' && bestMetric >= 0 && epoch > bestEpoch + parameters.patience) break;
      const started = performance.now();
      const loss = await trainEpoch(trainer, train, parameters, { seed, epoch });
      const due = epoch % VALIDATE_EVERY === 0 || epoch === epochs;
      const metric = test && due ? options.validate(embeddings(), train, test) : undefined;
      if (metric !== undefined && metric > bestMetric) [bestEpoch, bestMetric] = [epoch, metric];
      const durationMs = performance.now() - started;
      options.onEpoch?.({
        phase,
        epoch,
        loss,
        durationMs,
        ...(metric !== undefined && { validation: metric }),
      });
      report(options, phase, epoch / epochs, parameters.patience > 0);
      if (options.checkpoint?.isDue())
        await options.checkpoint.save(
          encodeCheckpoint({ phase, epoch, bestEpoch, bestMetric, trainer: trainer.state() }, owner),
        );
    }
    return { bestEpoch, embeddings: embeddings() };
  } finally {
    trainer.close();
  }
}

function report({ onProgress }: FitContext, phase: Phase, share: number, chooses: boolean): void {
  if (!chooses) onProgress?.(share);
  else if (phase === 'choosing') onProgress?.(CHOOSING_SHARE * share);
  else onProgress?.(CHOOSING_SHARE + (1 - CHOOSING_SHARE) * share);
}

/** Mean loss of an epoch's steps. */
async function trainEpoch(
  trainer: GraphTrainer,
  matrix: CsrMatrix,
  parameters: PacedParameters,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Promise<number> {
  const { temperature, learningRate, regularization, batchSize } = parameters;
  let [total, steps] = [0, 0];
  for (const batch of epochBatches(matrix, { seed, epoch, batchSize })) {
    const settings = { temperature, learningRate, regularization };
    const contrast = parameters.contrastWeight > 0 && contrastNodes(batch, matrix, parameters);
    total += await trainer.step({ triples: batch.triples, ...settings, ...(contrast && { contrast }) });
    steps++;
  }
  const loss = total / Math.max(1, steps);
  if (Number.isFinite(loss)) return loss;
  throw new DomainError(
    'numerically-singular',
    `Training diverged in epoch ${epoch}: lower learningRate below ${learningRate}`,
  );
}

function contrastNodes(
  { triples, random }: Batch,
  { numRows, numCols }: CsrMatrix,
  parameters: LightgclParameters,
): [ContrastNodes, ContrastNodes] {
  const side = (places: number[], first: number, size: number): ContrastNodes => {
    const count = denominatorNodes(size, parameters);
    const sample = count < size ? drawNodes(first, first + size, count, random) : undefined;
    return { ...distinctNodes(triples, places, parameters.contrastWeight), sample };
  };
  return [side([0], 0, numRows), side([1, 2], numRows, numCols)];
}

/** Uniform in ±√(6 / (nodes of the side + factors)) (Glorot & Bengio 2010), as in the published code. */
function initialState(matrix: CsrMatrix, { factors }: LightgclParameters, seed: number): TrainerState {
  const random = seededRandom(seed);
  const [users, items] = [matrix.numRows, matrix.numCols];
  const parameters = Float32Array.from({ length: (users + items) * factors }, (_, at) => {
    const side = at < users * factors ? users : items;
    return (2 * random() - 1) * Math.sqrt(6 / (side + factors));
  });
  const zeros = () => new Float32Array(parameters.length);
  return { parameters, first: zeros(), second: zeros(), steps: 0 };
}

/** The same matrix with entries in evenly spread rows only, `count` at most. */
function someRows(matrix: CsrMatrix, count: number): CsrMatrix {
  if (matrix.numRows <= count) return matrix;
  const every = Math.ceil(matrix.numRows / count);
  const indptr = new Uint32Array(matrix.numRows + 1);
  const indices: number[] = [];
  for (let row = 0; row < matrix.numRows; row++) {
    if (row % every === 0) indices.push(...matrix.row(row).indices);
    indptr[row + 1] = indices.length;
  }
  const { numRows, numCols } = matrix;
  const values = new Float32Array(indices.length).fill(1);
  return new CsrMatrix({ numRows, numCols, indptr, indices: Uint32Array.from(indices), values });
}
