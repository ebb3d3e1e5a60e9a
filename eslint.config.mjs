import js from '@eslint/js';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const OURS = [
  'access',
  'config',
  'data',
  'datasets',
  'domain',
  'models',
  'queue',
  'ranking',
  'sparse',
  'telemetry',
  'tracing',
];
const APPS = [
  'data',
  'datasets',
  'queue',
  'config',
  'models',
  'ranking',
  'domain',
  'access',
  'telemetry',
  'tracing',
];
const NEST = { regex: '^@nestjs/', message: 'NestJS stays in apps, access, config, data and queue.' };
const PRISMA = { regex: '(^@prisma/|/generated/)', message: 'Prisma types stop at libs/data.' };

/** Finds sources where the code names what they become. */
const RESOLVER = createNodeResolver({
  extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
  conditionNames: ['source', 'node', 'import', 'default'],
  extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
});

/** A rule that says nothing of the nodes that `isExempt` says. */
function withExemption(rule, isExempt) {
  return {
    ...rule,
    create(context) {
      const report = (problem) => isExempt(problem.node, context) || context.report(problem);
      return rule.create(Object.create(context, { report: { value: report } }));
    },
  };
}

/** What a test suite is made of counts by itself. */
const linesPerFunction = withExemption(builtinRules.get('max-lines-per-function'), isSuite);

/** Nest calls the constructors of its providers by type: nobody counts positions there. */
const maxParams = withExemption(tseslint.plugin.rules['max-params'], isOfProvider);

function isSuite({ id, parent }, { sourceCode }) {
  const name = parent.type === 'CallExpression' ? sourceCode.getText(parent.callee) : id?.name;
  return /^describe/.test(name);
}

function isOfProvider({ parent }) {
  return parent.kind === 'constructor' && parent.parent.parent.decorators.length > 0;
}

/** The import rule of docs/architecture.md for one folder: which of our libraries it may reach. */
function mayImport(folder, allowed, patterns = []) {
  const refused = OURS.filter((lib) => !allowed.includes(lib)).map((lib) => `#${lib}`);
  return {
    files: [`${folder}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: refused.map((name) => ({ name, message: `${folder} may not import ${name}.` })),
          patterns: [
            { regex: '^#\\w+/', message: 'Import a library by its index only.' },
            {
              regex: '^(\\.\\./)+(apps|libs)/(?!\\w+/src/testing/)',
              message: 'Import a library by its # name.',
            },
            ...patterns,
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.sparserec/',
      '.cache/',
      'libs/data/src/generated/',
      'libs/client/',
      'libs/sparse/crate/',
    ],
  },
  js.configs.recommended,
  {
    rules: {
      'no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      // Prettier wraps code and documents at this width, and leaves comments as they are.
      'max-len': ['error', { code: 100_000, comments: 110, ignorePattern: '^\\s*// eslint-' }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'fetch',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'setImmediate',
          'performance',
          'WebAssembly',
          'AbortSignal',
          'AbortController',
          'TextDecoder',
          'TextEncoder',
          'globalThis',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    plugins: {
      'import-x': importX,
      ours: { rules: { 'max-lines-per-function': linesPerFunction, 'max-params': maxParams } },
    },
    settings: {
      'import-x/resolver-next': [RESOLVER],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      'import-x/no-self-import': 'error',
      'import-x/order': [
        'error',
        {
          groups: ['builtin', 'external', 'internal', 'parent', 'sibling', 'index'],
          pathGroups: [{ pattern: '#*', group: 'internal' }],
          pathGroupsExcludedImportTypes: [],
          'newlines-between': 'never',
          alphabetize: { order: 'asc', caseInsensitive: true },
        },
      ],
      'max-lines': ['error', { max: 300 }],
      'ours/max-lines-per-function': ['error', { max: 60 }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './apps/dashboard/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-unused-vars': 'off',
      'ours/max-params': ['error', { max: 4 }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*-spec.ts', 'test/**/*.ts', '**/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  mayImport('libs/sparse', [], [NEST, PRISMA]),
  mayImport('libs/domain', [], [NEST, PRISMA]),
  mayImport('libs/config', [], [PRISMA]),
  mayImport('libs/tracing', [], [NEST, PRISMA]),
  mayImport('libs/models', ['sparse', 'domain'], [NEST, PRISMA]),
  mayImport('libs/datasets', ['sparse', 'domain'], [NEST, PRISMA]),
  mayImport('libs/ranking', ['data', 'models', 'domain'], [NEST, PRISMA]),
  mayImport('libs/data', ['config', 'domain', 'tracing']),
  mayImport('libs/queue', ['config', 'domain', 'tracing'], [PRISMA]),
  mayImport('libs/access', ['config', 'data', 'domain', 'queue'], [PRISMA]),
  mayImport('libs/telemetry', ['config', 'data', 'domain', 'queue'], [NEST, PRISMA]),
  mayImport('apps', APPS, [PRISMA]),
  mayImport('apps/dashboard/src', [], [NEST, PRISMA]),
  mayImport('apps/api/src/serving', APPS, [
    PRISMA,
    { regex: '/recommendations/', message: 'Lists are made from what is served, not the other way round.' },
  ]),
);
