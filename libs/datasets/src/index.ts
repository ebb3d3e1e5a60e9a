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
export { findEncoding, parseEncoding, type Encoding } from './text/encoding.js';
export { decodeText, MAX_LINE_LENGTH, readText, type TextPiece } from './text/read-text.js';
