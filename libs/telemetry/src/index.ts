export * from './distribution.js';
export * from './global-metrics.js';
export * from './global-numbers.js';
export * from './metrics.js';
export * from './store-metrics.js';
