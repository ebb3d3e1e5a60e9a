/**
 * Globals that never change, handed to each module by name. Else every use of one asks the global object of
 * the suite's context, which takes jest some hundred nanoseconds.
 */
const FIXED_GLOBALS = [
  ...['Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'Error', 'Float32Array', 'Float64Array'],
  ...[
    'Int32Array',
    'JSON',
    'Map',
    'Math',
    'Number',
    'Object',
    'Promise',
    'Proxy',
    'Reflect',
    'RegExp',
    'Set',
  ],
  ...['String', 'Symbol', 'Uint32Array', 'Uint8Array', 'WeakMap', 'WeakSet'],
];

/**
 * Everything is compiled to CommonJS by swc, packages included: on Node 20 jest cannot require ESM-only ones.
 */
export default {
  testRegex: '\\.(spec|e2e-spec|int-spec)\\.ts$',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // The same mathjs in one file: jest takes seconds to load the thousand that its entry names.
    '^mathjs(/number)?$': '<rootDir>/node_modules/mathjs/lib/browser/math.js',
    // Messages of zod in fifty languages, which nobody asks for.
    '^\\.\\./locales/index\\.cjs$': '<rootDir>/node_modules/zod/v4/locales/en.cjs',
  },
  sandboxInjectedGlobals: FIXED_GLOBALS,
  // It is CommonJS already, and large.
  transformIgnorePatterns: ['/node_modules/(playwright-core|axe-core)/'],
  transform: {
    '^.+\\.(ts|m?js)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  runtime: '<rootDir>/scripts/lib/compile-once.cjs',
  testSequencer: '<rootDir>/scripts/lib/longest-first.cjs',
  // One more than a small machine has processors: many suites wait for processes and timers.
  maxWorkers: 3,
  testTimeout: 60_000,
};
