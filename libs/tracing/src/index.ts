export * from './log-names.js';
export * from './spans.js';
export * from './start-tracing.js';
export * from './trace-parent.js';
