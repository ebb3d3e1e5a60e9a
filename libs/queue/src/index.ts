export * from './queue-names.js';
export * from './schedule.job.js';
export * from './training.job.js';
