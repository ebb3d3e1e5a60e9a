import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const MOST_FILES = 20;

describe('folders', () => {
  it('have 20 source files at most, without tests', () => {
    const files = execFileSync('git', ['ls-files', '*.ts', '*.mjs', '*.rs'], { cwd: ROOT, encoding: 'utf8' });
    const counts = new Map<string, number>();
    for (const file of files.trim().split('\n')) {
      if (/spec\.ts$/.test(file)) continue;
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(50);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });
});
