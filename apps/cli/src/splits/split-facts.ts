import type { PartNames } from './given-split.js';
import type { SplitKind } from './split-options.js';

/** How data was split, for the report. */
export interface SplitFacts {
  readonly kind: SplitKind | 'given';
  readonly holdout?: number;
  readonly kCore?: number;
  readonly minUser?: number;
  readonly testInteractions: number;
  /** See `TimeSplit`; `cut` as ISO 8601. */
  readonly cut?: string;
  readonly withoutHistory?: number;
  readonly seenBefore?: number;
  /** Parts that names of files in a folder say. */
  readonly files?: PartNames;
  /** Files that were read as one, if there are several: they may be parts of a split. */
  readonly joined?: readonly string[];
}
