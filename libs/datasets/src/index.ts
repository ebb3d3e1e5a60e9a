export {
  parseColumnNames,
  parseColumns,
  parseItemColumns,
  parseUserColumns,
  type GivenColumns,
} from './columns/columns-option.js';
export { toChecked, type Dataset, type DatasetOptions, type TypeOfDataset } from './dataset.js';
export { parseDelimiter } from './formats/delimiters.js';
export { FORMATS, type Format } from './formats/table.js';
export { holdsNothing } from './holds-nothing.js';
export { openSources } from './sources/open-sources.js';
export type {
  BytesAnywhere,
  Packing,
  Source,
  SourceOptions,
  Sources,
  SpoolProgress,
} from './sources/source.js';
export { sourceInvalid } from './sources/source-invalid.js';
export { spool } from './sources/spool.js';
export { joinEvents, type Events } from './splits/events.js';
export { pairsOf } from './splits/pairs.js';
export { readEvents, type NamedEvents } from './splits/read-events.js';
export { splitByTime, splitLast, type DatasetSplit, type TimeSplit } from './splits/split.js';
export { withinCore } from './splits/within-core.js';
export type { ItemsSummary, UsersSummary } from './summary/attribute-summary.js';
export type { DatasetSummary, ExplicitOption } from './summary/dataset-summary.js';
export { describeItems, describeUsers } from './summary/describe-attributes.js';
export { describeSummary } from './summary/describe.js';
export { withRefused } from './summary/with-refused.js';
export { findEncoding, namedEncoding, parseEncoding, type Encoding } from './text/encoding.js';
export { decodeText, MAX_LINE_LENGTH, readText, type TextPiece } from './text/read-text.js';
export { understand } from './understand.js';
export { understandItems, type ItemsDataset, type ItemsOptions } from './understand-items.js';
export { understandUsers, type UsersDataset } from './understand-users.js';
export { LOW_RATING } from './values/ratings.js';
export { parseTimeFormat } from './values/time-rule.js';
export { parseTypeWeights } from './values/type-weights.js';
