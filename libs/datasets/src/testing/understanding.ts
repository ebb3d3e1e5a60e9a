import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Interaction, ItemDetails } from '#domain';
import { parseColumns } from '../columns/columns-option.js';
import type { DatasetOptions } from '../dataset.js';
import { openSources } from '../sources/open-sources.js';
import type { DatasetSummary } from '../summary/dataset-summary.js';
import { understand } from '../understand.js';

export const DATA_CASES = join(import.meta.dirname, '../../../../../shared/data-cases');

/** A test that needs the small files as people bring them; its title says that it is skipped without. */
export const givenCases = existsSync(DATA_CASES) ? it : it.skip;

export interface Told extends Partial<Omit<DatasetOptions, 'columns'>> {
  readonly columns?: string;
}

export interface Understood {
  readonly summary: DatasetSummary;
  readonly items: readonly ItemDetails[];
  readonly interactions: readonly Interaction[];
}

/** Understands what is at a path, and reads all of it. */
export async function readDataset(path: string, { columns, ...told }: Told = {}): Promise<Understood> {
  const sources = await openSources(path);
  try {
    const dataset = await understand(sources, {
      clockToleranceSeconds: 300,
      ...(columns !== undefined && { columns: parseColumns(columns) }),
      ...told,
    });
    const items = await flatten(dataset.items());
    return { summary: dataset.summary, items, interactions: await flatten(dataset.interactions()) };
  } finally {
    await sources.dispose();
  }
}

async function flatten<Element>(chunks: AsyncIterable<readonly Element[]>): Promise<Element[]> {
  const elements: Element[] = [];
  for await (const chunk of chunks) elements.push(...chunk);
  return elements;
}

/** One of the small files, by its name. */
export function readCase(name: string, told?: Told): Promise<Understood> {
  return readDataset(join(DATA_CASES, name), told);
}

/** Pairs of user and item, in words. */
export function pairsOf({ interactions }: Understood): string[] {
  return interactions.map(({ userId, itemId }) => `${userId} ${itemId}`);
}
