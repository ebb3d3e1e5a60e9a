import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { modelRegistry, parseParameters, readBenchmarkMatrix, train } from '#models';
import { collectParameter, parseSeed, parseThreads } from './options.js';
import { printEpoch, Progress } from './progress.js';

interface TrainOptions {
  readonly train: string;
  readonly out: string;
  readonly model: string;
  readonly param?: Record<string, unknown>;
  readonly seed: number;
  readonly threads: number;
}

const HELP = `
The file has one user a line: user item item …, all whole numbers. A tenth of each user's items is held out to measure the
model; what is written is then fitted on everything.

Example:
  npm run -s sparserec -- train --train train.txt --model ease --param regularization=300 --out model.bin
`;

export function trainCommand(): Command {
  return new Command('train')
    .description('fit a model on a file and write it to another, without any service')
    .requiredOption('--train <file>', 'training interactions')
    .requiredOption('--out <file>', 'where the model goes')
    .option('--model <kind>', [...modelRegistry.keys()].join(', '), 'ease')
    .option('--param <name=value>', 'hyperparameter, repeatable', collectParameter)
    .option('--seed <number>', 'seed of the split and of the model', parseSeed, 1)
    .option('--threads <number>', 'compute threads', parseThreads, availableParallelism())
    .addHelpText('after', HELP)
    .action(runTrain);
}

async function runTrain(options: TrainOptions): Promise<void> {
  const parameters = parseParameters(options.model, options.param ?? {});
  const {
    numRows: numUsers,
    numCols: numItems,
    indptr,
    indices,
    values,
  } = await readBenchmarkMatrix(options.train);
  const itemKeys = Int32Array.from({ length: numItems }, (_, key) => key);
  const progress = new Progress('training');
  const input = {
    numUsers,
    numItems,
    indptr,
    indices,
    values,
    itemKeys,
    kind: options.model,
    parameters,
    seed: options.seed,
    threads: options.threads,
  };
  const { artifact, ...report } = await train(input, {
    onProgress: (_stage, share) => progress.report(share),
    onEpoch: printEpoch,
  });
  progress.stop();
  writeFileSync(options.out, artifact);
  process.stdout.write(
    `${JSON.stringify({ model: options.model, parameters, out: options.out, artifactBytes: artifact.length, ...report })}\n`,
  );
}
