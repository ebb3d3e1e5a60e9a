export * from './config.module.js';
export * from './env.js';
export * from './json-logger.js';
export * from './open-address.js';
export * from './run-process.js';
export * from './server-address.js';
export * from './start-error.js';
export * from './wait-for-server.js';
