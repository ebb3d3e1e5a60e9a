import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { DomainError } from '#domain';
import { decodeServedModel, type History } from '#models';
import { parseKs } from './options.js';

interface RecommendOptions {
  readonly modelFile: string;
  readonly items: number[];
  readonly k: number[];
}

const HELP = `
Example:
  npm run -s sparserec -- recommend --model-file model.bin --items 1,2,3 --k 10
`;

export function recommendCommand(): Command {
  return new Command('recommend')
    .description('recommend for a list of items by a model file, without any service')
    .requiredOption('--model-file <file>', 'written by train')
    .requiredOption('--items <list>', 'items of the history', parseItems)
    .option('--k <number>', 'length of the list', parseKs, [10])
    .addHelpText('after', HELP)
    .action(runRecommend);
}

function parseItems(text: string): number[] {
  const items = text.split(',').map(Number);
  if (items.every((item) => Number.isInteger(item) && item >= 0)) return items;
  throw new InvalidArgumentError('write whole numbers, for example 1,2,3');
}

function runRecommend({ modelFile, items, k: [k = 10] }: RecommendOptions): void {
  const { recommender } = decodeServedModel(readFileSync(modelFile));
  const unknown = items.find((item) => item >= recommender.numItems);
  if (unknown !== undefined)
    throw new DomainError(
      'item-not-found',
      `The model knows items 0 to ${recommender.numItems - 1}, not ${unknown}`,
    );
  const indices = Uint32Array.from(new Set(items)).sort();
  const history: History = { indices, values: new Float32Array(indices.length).fill(1) };
  const ranked = recommender.recommend(history, k);
  const list = [...ranked.indices].map((item, rank) => ({
    item,
    score: ranked.scores[rank],
    because: recommender.explain(history, item),
  }));
  process.stdout.write(`${JSON.stringify({ model: recommender.kind, items: list })}\n`);
}
