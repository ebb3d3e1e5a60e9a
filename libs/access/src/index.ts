export * from './credentials.js';
export * from './key-ring.js';
export * from './rebinding.js';
