import type { Format } from '../formats/table.js';
import type { ItemsSummary } from './attribute-summary.js';
import type { LeftOut } from './left-out.js';

/** Names of columns, or their numbers from 1 where there is no header; null for what is not there. */
export interface SummaryColumns {
  readonly user: string | number;
  readonly item: string | number;
  readonly type: string | number | null;
  readonly weight: string | number | null;
  readonly rating: string | number | null;
  /** Columns that hold the parts of a time are joined by `+`. */
  readonly time: string | number | null;
  readonly label: string | number | null;
}

/** A name as in a query, and its value; true and false of what is a flag of the command line. */
export type ExplicitOption = readonly [name: string, value: string | boolean];

export interface SampleRow {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly weight: number;
  readonly occurredAt: string | null;
}

export interface FileOfDataset {
  readonly name: string;
  /** Links say how interactions call the items. */
  readonly role: 'interactions' | 'items' | 'links' | 'ignored';
  /** Null for a file that is not read. */
  readonly format: Format | null;
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly header: boolean;
  readonly packing: string | null;
  readonly ignoredColumns: readonly (string | number)[];
  /** Why it is not read. */
  readonly reason: string | null;
}

/** How ratings were read. */
export interface SummaryRatings {
  readonly rule: 'scale' | 'min-rating' | 'weight' | 'all-positive';
  readonly scale: number | null;
  /** Ratings from here on are likes; null where all are. */
  readonly likedFrom: number | null;
}

/** What was understood of a data set, and what will be stored. */
export interface DatasetSummary {
  readonly format: Format;
  readonly delimiter: string | null;
  readonly encoding: string | null;
  readonly header: boolean;
  readonly columns: SummaryColumns;
  readonly ignoredColumns: readonly (string | number)[];
  readonly files: readonly FileOfDataset[];
  readonly ratings: SummaryRatings | null;
  readonly timeFormat: string | null;
  /** ISO 8601. */
  readonly firstDate: string | null;
  readonly lastDate: string | null;
  readonly users: number;
  /** Items that somebody interacted with. */
  readonly items: number;
  /** Events that are stored, without repeats. */
  readonly interactions: number;
  /** All interactions but those of the type `low-rating`. */
  readonly likes: number;
  readonly lowRatings: number;
  /** Rows that are the same event as an earlier one: equal in user, item, type and time. */
  readonly repeats: number;
  /** Repeats whose weight is not that of the first, which is the one that is stored. */
  readonly repeatsOfOtherWeight: number;
  /** Rows without a time that name a user, item and type again; each is an event of its own. */
  readonly undatedRepeats: number;
  /** Names of counts and shares that are estimates, since there are too many keys to count exactly. */
  readonly estimated: readonly string[];
  /** Up to how many different keys counts are exact; `density` of dated rows up to fewer pairs. */
  readonly exactUpTo: number;
  /** Of the interactions. */
  readonly leftOut: readonly LeftOut[];
  /** The items that are read beside the interactions, with the command of both; null: there are none. */
  readonly itemsFile: ItemsSummary | null;
  /** Items that have a title. */
  readonly titles: number;
  /** Items whose title or tags are cut because they are more than an item may have. */
  readonly cutItems: readonly LeftOut[];
  /** Share of all pairs of a user and an item that there are, each counted once however often it comes. */
  readonly density: number;
  readonly interactionsPerUser: { readonly median: number; readonly largest: number };
  readonly itemsWithFew: { readonly below: number; readonly items: number };
  readonly types: readonly { readonly type: string; readonly interactions: number }[];
  /** Ids that had blanks around them, which are cut off. */
  readonly trimmedIds: number;
  readonly warnings: readonly string[];
  readonly sample: readonly SampleRow[];
  /** The command that says the same explicitly. */
  readonly command: string;
}
