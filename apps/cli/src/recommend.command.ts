import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { DomainError } from '#domain';
import { decodeNamedModel, type History } from '#models';
import { parseKs } from './options.js';

interface RecommendOptions {
  readonly modelFile: string;
  readonly items: string[];
  readonly k: number[];
}

const HELP = `
Example:
  npm run -s sparserec -- recommend --model-file model.bin --items 1,2,3 --k 10
  npm run -s sparserec -- recommend --model-file model.bin --items B00005N7P0,B00006HAXW
`;

export function recommendCommand(): Command {
  return new Command('recommend')
    .description('recommend for a list of items by a model file, without any service')
    .requiredOption('--model-file <file>', 'written by train')
    .requiredOption('--items <list>', 'items of the history, by their ids', (text: string) => text.split(','))
    .option('--k <number>', 'length of the list', parseKs, [10])
    .addHelpText('after', HELP)
    .action(runRecommend);
}

function runRecommend({ modelFile, items, k: [k = 10] }: RecommendOptions): void {
  const { recommender, itemIds } = decodeNamedModel(readFileSync(modelFile));
  const indexOf = new Map(itemIds.map((id, index) => [id, index]));
  const indices = Uint32Array.from(new Set(items), (id) => indexOf.get(id) ?? refuse(id)).sort();
  const history: History = { indices, values: new Float32Array(indices.length).fill(1) };
  const ranked = recommender.recommend(history, k);
  const list = [...ranked.indices].map((item, rank) => ({
    itemId: itemIds[item],
    score: ranked.scores[rank],
    because: recommender
      .explain(history, item)
      .map(({ itemIndex, part }) => ({ itemId: itemIds[itemIndex], part })),
  }));
  process.stdout.write(`${JSON.stringify({ model: recommender.kind, items: list })}\n`);
}

function refuse(id: string): never {
  throw new DomainError('item-not-found', `The model does not know the item ${id}`);
}
