export * from './distribution.js';
export * from './metrics.js';
export * from './store-metrics.js';
