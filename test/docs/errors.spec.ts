import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '#domain';
import { PROBLEMS } from '../../apps/api/src/common/problem/problem-catalog.js';

describe('docs/errors.md', () => {
  it('lists every code with its status', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(listed).toEqual(ERROR_CODES.map((code) => [code, PROBLEMS[code].status]));
  });
});
