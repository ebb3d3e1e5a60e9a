import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { waitFor } from '../../support/processes.js';

const READER = join(import.meta.dirname, 'source-reader.mjs');
const DATASETS = join(import.meta.dirname, '../../../dist/libs/datasets/src/index.js');
const MEBIBYTE = 1024 ** 2;
const MOST_MEMORY = 64 * MEBIBYTE;
/** Else garbage waits for a core that other suites use, and what is measured is how long. */
const COLLECTOR = '--single-threaded-gc';

interface Report {
  readonly before: number;
  readonly after: number;
  readonly refusal: string | null;
}

describe('a process that reads a source', () => {
  let folder: string;
  let temporary: string;
  const start = (path: string, work = 'lines'): ChildProcess =>
    spawn(process.execPath, [READER, path, work], { env: { ...process.env, DATASETS, TMPDIR: temporary } });
  const reportOf = (command: string, environment: Record<string, string> = {}) => {
    const env = {
      ...process.env,
      DATASETS,
      READER,
      NODE: process.execPath,
      TMPDIR: temporary,
      ...environment,
    };
    return JSON.parse(spawnSync('bash', ['-c', command], { encoding: 'utf8', env }).stdout) as Report;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-sources-'));
    temporary = mkdtempSync(join(tmpdir(), 'sparserec-temporary-'));
  });
  afterEach(() => {
    for (const path of [folder, temporary]) rmSync(path, { recursive: true });
  });

  const line = Buffer.from('user-12345,item-67890,1\n');
  it.each<[string, Iterable<Buffer>, string, RegExp | null]>([
    [
      'a line of 100 MB',
      repeat(Buffer.alloc(65_536, 'x'), 1_526),
      'lines',
      /line 1 has more than 1048576 characters/,
    ],
    ['100 MB without a line, as text', repeat(Buffer.alloc(65_536, 'x'), 1_526), 'text', null],
    [
      'a gigabyte of zeros, packed',
      repeat(Buffer.alloc(65_536), 16_384),
      'packed',
      /more than 200 times as large/,
    ],
    ['rows of 100 MB', repeat(Buffer.concat(Array<Buffer>(2_731).fill(line)), 1_600), 'lines', null],
    [
      'the same in Latin-1',
      withEnd(repeat(Buffer.concat(Array<Buffer>(2_731).fill(line)), 1_600), '\xe9,i\n'),
      'lines',
      null,
    ],
  ])('needs less than 64 MiB more for %s, from a file and from a pipe', async (_, chunks, work, refusal) => {
    const path = join(folder, 'rows');
    const bytes = Readable.from(chunks, { objectMode: false });
    if (work === 'packed') await pipeline(bytes, createGzip(), createWriteStream(path));
    else await pipeline(bytes, createWriteStream(path));
    for (const command of [
      `"$NODE" $COLLECTOR "$READER" "$ROWS" ${work}`,
      `cat "$ROWS" | "$NODE" $COLLECTOR "$READER" - ${work}`,
    ]) {
      const report = reportOf(command.replace('packed', 'lines'), { ROWS: path, COLLECTOR });
      if (refusal) expect(report.refusal).toMatch(refusal);
      else expect(report.refusal).toBeNull();
      expect(report.after - report.before).toBeLessThan(MOST_MEMORY);
      expect(readdirSync(temporary)).toEqual([]);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('leaves no file behind after %s', async (signal) => {
    const child = start('-');
    let told = '';
    child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()));
    child.stdin!.write('userId,itemId\n');
    await waitFor('the process to wait for more', () => /"bytes":14,"waitingSeconds":[1-9]/.test(told));
    expect(readdirSync(temporary)).toEqual([]);
    child.kill(signal);
    await waitFor('the process to end', () => child.signalCode);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('reads what a shell gives as a pipe with a name', () => {
    expect(reportOf('"$NODE" "$READER" <(printf "userId,itemId\\n") lines').refusal).toBeNull();
  });

  it('says where temporary files go if there is no room for one', () => {
    expect(reportOf('echo | "$NODE" "$READER" - lines', { TMPDIR: '/nowhere' }).refusal).toMatch(
      /^import-source-invalid standard input: it cannot be stored in a temporary file \(ENOENT.*\); set TMPDIR to a folder with room$/,
    );
  });
});

function* repeat(chunk: Buffer, times: number): Generator<Buffer> {
  for (let n = 0; n < times; n++) yield chunk;
}

function* withEnd(chunks: Iterable<Buffer>, end: string): Generator<Buffer> {
  yield* chunks;
  yield Buffer.from(end, 'latin1');
}
