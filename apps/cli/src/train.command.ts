import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { encodeNamedModel, modelRegistry, parseParameters, train } from '#models';
import { collectParameter, parseSeed, parseThreads } from './options.js';
import { printEpoch, Progress } from './progress.js';
import { readTrainingData } from './splits/read-split.js';
import { addSplitOptions, SPLIT_HELP, type SplitOptions } from './splits/split-options.js';

interface TrainOptions extends SplitOptions {
  readonly out: string;
  readonly model: string;
  readonly param?: Record<string, unknown>;
  readonly threads: number;
}

const HELP = `${SPLIT_HELP}
The model is measured on what is held out, a tenth of each user's likes without --split. What is written is then fitted on
everything.

Examples:
  npm run -s sparserec -- train --train train.txt --model ease --param regularization=300 --out model.bin
  npm run -s sparserec -- train --data ratings.csv --split time --out model.bin
`;

export function trainCommand(): Command {
  return addSplitOptions(new Command('train'))
    .description('fit a model on data and write it to a file, without any service')
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
  const { matrix, split, itemIds } = await readTrainingData(options);
  const { numRows: numUsers, numCols: numItems, indptr, indices, values } = matrix;
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
    split,
  };
  const { artifact, ...report } = await train(input, {
    onProgress: (_stage, share) => progress.report(share),
    onEpoch: printEpoch,
  });
  progress.stop();
  const model = encodeNamedModel(artifact, itemIds);
  writeFileSync(options.out, model);
  process.stdout.write(
    `${JSON.stringify({ model: options.model, parameters, out: options.out, artifactBytes: model.length, ...report })}\n`,
  );
}
