import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources } from '#datasets';
import { watchSources } from './watched-sources.js';

describe('watchSources', () => {
  it('tells of each pass how much of all files it has read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparserec-watched-'));
    writeFileSync(join(folder, 'a'), 'x'.repeat(300_000));
    writeFileSync(join(folder, 'b'), 'x'.repeat(100_000));
    const shares: number[] = [];
    const sources = watchSources(await openSources(folder), (share) => shares.push(share));
    const read = async () => {
      for (const source of sources.sources) for await (const _ of source.open());
      return shares.splice(0);
    };
    const [first, second] = [await read(), await read()];
    await sources.dispose();
    rmSync(folder, { recursive: true });
    expect(first.at(-1)).toBe(1);
    expect(first).toContain(0.75);
    expect(first).toEqual([...first].sort((one, other) => one - other));
    expect(second).toEqual(first);
  });
});
