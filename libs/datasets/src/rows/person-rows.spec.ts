import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERSON_ROW_KINDS } from '#domain';
import { pairsOf, readDataset } from '../testing/understanding.js';

describe('rows of the file of a person', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-person-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (rows: readonly object[]) => {
    writeFileSync(join(folder, 'x.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    return readDataset(folder);
  };
  const row = (kind: string, n: number) => ({ kind, userId: 'u', itemId: `i${n}`, type: 'view', weight: 2 });

  it('are interactions where their kind is one, and are left out otherwise', async () => {
    const understood = await read(PERSON_ROW_KINDS.map(row));
    expect(pairsOf(understood)).toEqual(['u i1', 'u i2']);
    expect(understood.summary.leftOut.map(({ reason, rows }) => [reason, rows])).toEqual(
      PERSON_ROW_KINDS.filter((kind) => !kind.endsWith('interaction')).map((kind) => [
        `kind ${kind}, which is no interaction`,
        1,
      ]),
    );
  });

  it('are read as they are where their kind is something else', async () => {
    const understood = await read([row('shoe', 0), row('User', 1), { ...row('', 2), kind: undefined }]);
    expect(pairsOf(understood)).toEqual(['u i0', 'u i1', 'u i2']);
    expect(understood.summary.leftOut).toEqual([]);
  });
});
