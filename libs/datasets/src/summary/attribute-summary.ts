import type { Format } from '../formats/table.js';
import type { LeftOut } from './left-out.js';

/** The name of a column, or its number from 1 where there is no header; null for what is not there. */
export type ColumnLabel = string | number | null;

/** What was understood of a table of items or of users. Counts are of rows that are stored. */
export interface AttributesSummary {
  /** Of the file, or `the body`. */
  readonly name: string;
  readonly format: Format;
  readonly delimiter: string | null;
  readonly encoding: string | null;
  readonly header: boolean;
  readonly packing: string | null;
  readonly metadataColumns: readonly (string | number)[];
  readonly ignoredColumns: readonly (string | number)[];
  /** Rows with an id that an earlier row has: of such rows the last counts. */
  readonly repeats: number;
  /** Rows that have tags. */
  readonly tagged: number;
  /** Names of counts that are estimates, since there are too many ids to count exactly. */
  readonly estimated: readonly string[];
  /** Up to how many different ids counts are exact. */
  readonly exactUpTo: number;
  /** Rows that are not stored. */
  readonly leftOut: readonly LeftOut[];
  /** Ids that had blanks around them, which are cut off. */
  readonly trimmedIds: number;
  readonly warnings: readonly string[];
  /** The command that says the same explicitly. */
  readonly command: string;
}

/** Which column of a table of items is what. */
export interface ItemColumns {
  readonly id: string | number;
  readonly title: ColumnLabel;
  /** The first and the last number where each tag has a column of its own. */
  readonly tags: ColumnLabel;
  readonly year: ColumnLabel;
  readonly available: ColumnLabel;
  readonly createdAt: ColumnLabel;
  readonly deletedAt: ColumnLabel;
}

/** An item as it will be stored. */
export interface SampleItem {
  readonly itemId: string;
  readonly title: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly available: boolean;
  readonly createdAt: string | null;
  readonly deletedAt: string | null;
}

/** What was understood of a table of items. */
export interface ItemsSummary extends AttributesSummary {
  readonly columns: ItemColumns;
  readonly timeFormats: { readonly createdAt: string | null; readonly deletedAt: string | null };
  /** The first and the last `createdAt`, as ISO 8601. */
  readonly firstDate: string | null;
  readonly lastDate: string | null;
  /** Different ids. */
  readonly items: number;
  readonly titles: number;
  /** Rows that have a `createdAt`. */
  readonly dated: number;
  readonly unavailable: number;
  readonly deleted: number;
  /** Items whose title, tags or metadata are cut because they are more than an item may have. */
  readonly cutItems: readonly LeftOut[];
  readonly sample: readonly SampleItem[];
}

/** Which column of a table of users is what. */
export interface UserColumns {
  readonly id: string | number;
  readonly tags: ColumnLabel;
  readonly training: ColumnLabel;
  readonly personal: ColumnLabel;
}

/** A user as it will be stored; null where nothing is said of what the user allows. */
export interface SampleUser {
  readonly userId: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly training: boolean | null;
  readonly personal: boolean | null;
}

/** What was understood of a table of users. */
export interface UsersSummary extends AttributesSummary {
  readonly columns: UserColumns;
  /** Different ids. */
  readonly users: number;
  /** Rows that say no to training. */
  readonly noTraining: number;
  /** Rows that say no to lists from their history. */
  readonly noPersonal: number;
  /** Users whose tags or metadata are cut because they are more than a user may have. */
  readonly cutUsers: readonly LeftOut[];
  readonly sample: readonly SampleUser[];
}
