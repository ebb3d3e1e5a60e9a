export * from './errors.js';
export * from './ids.js';
export * from './interaction.js';
export * from './item.js';
export * from './limits.js';
export * from './model.js';
export * from './schedule.js';
export * from './training-run.js';
