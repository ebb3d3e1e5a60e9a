import type { ImportedItem, Interaction, InteractionType, RefusedRows } from '#domain';
import type { GivenColumns } from './columns/columns-option.js';
import type { Format } from './formats/table.js';
import type { Source } from './sources/source.js';
import type { DatasetSummary, ExplicitOption } from './summary/dataset-summary.js';
import type { RatingOptions } from './values/ratings.js';

export interface DatasetOptions extends RatingOptions {
  readonly format?: Format | undefined;
  /** Whether it was given as one part of a split: without a header it then has one user a line. */
  readonly isPart?: boolean | undefined;
  /** Which column is what; others are found by their names. */
  readonly columns?: GivenColumns | undefined;
  readonly ignoreColumns?: readonly string[] | undefined;
  /** Whether the first row is a header; absent: by its content. */
  readonly header?: boolean | undefined;
  readonly delimiter?: string | undefined;
  /** A label of the WHATWG Encoding Standard. */
  readonly encoding?: string | undefined;
  readonly timeFormat?: string | undefined;
  /** Leaves rows out that cannot be stored, instead of refusing all. */
  readonly skipInvalid?: boolean | undefined;
  /** Training weights of interaction types. */
  readonly typeWeights?: ReadonlyMap<string, number> | undefined;
  /** How far ahead of the clock an interaction may be dated. */
  readonly clockToleranceSeconds: number;
  /** A source of items, in the place of one that is found. */
  readonly items?: Source | undefined;
  /** Which column of `items` is what. */
  readonly itemColumns?: GivenColumns | undefined;
  /** What the caller was told besides, without which its command would not say the same. */
  readonly toldBesides?: readonly ExplicitOption[] | undefined;
  readonly now?: Date | undefined;
}

/** What is known of an interaction type before any is stored. */
export type TypeOfDataset = Pick<InteractionType, 'name'> &
  Partial<Pick<InteractionType, 'positive' | 'trainingWeight'>>;

/** A data set on its way into a catalog. Items and interactions may be read more than once. */
export interface Dataset {
  readonly summary: DatasetSummary;
  /** What `summary.command` says, as the query of an import over HTTP. */
  readonly query: string;
  /** Whether it says only which pairs there are, so that a pair that comes again says nothing. */
  readonly isSet: boolean;
  readonly interactionTypes: readonly TypeOfDataset[];
  /** Rows of interactions that cannot be stored, and are left out for that. */
  readonly refused: RefusedRows;
  items(): AsyncIterable<readonly ImportedItem[]>;
  interactions(): AsyncIterable<readonly Interaction[]>;
}

/** What a catalog may refuse of the data set: the types that it has after the import, and its rows. */
export function toChecked({ summary, interactionTypes, ...data }: Dataset) {
  return {
    interactionTypes: [
      ...summary.types.map(({ type }): TypeOfDataset => ({ name: type })),
      ...interactionTypes,
    ],
    items: data.items(),
    interactions: data.interactions(),
  };
}
