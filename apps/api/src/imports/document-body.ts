import { IMPORT_TYPES, type ImportType } from './import-body.js';

const TEXT = { type: 'string' } as const;
const BYTES = { type: 'string', format: 'binary' } as const;
const JSON_ROWS = { type: 'array', items: { type: 'object' } } as const;

/** Content types of imports with an example each, which the decorators of the library cannot have. */
export function documentBody(rows: readonly object[]) {
  const examples = examplesOf(rows);
  return {
    required: true,
    content: Object.fromEntries(
      IMPORT_TYPES.map((type) => {
        const value = examples[type];
        const schema = type === 'application/json' ? JSON_ROWS : value === undefined ? BYTES : TEXT;
        return [type, { schema, ...(value !== undefined && { examples: { rows: { value } } }) }];
      }),
    ),
  };
}

function examplesOf(rows: readonly object[]): Partial<Record<ImportType, unknown>> {
  const table = (delimiter: string) =>
    [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row) as string[])]
      .map((cells) => `${cells.join(delimiter)}\n`)
      .join('');
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return {
    'text/csv': table(','),
    'text/tab-separated-values': table('\t'),
    'text/plain': table(';'),
    'application/x-ndjson': lines,
    'application/jsonl': lines,
    'application/json': rows,
    'application/octet-stream': table(','),
  };
}
