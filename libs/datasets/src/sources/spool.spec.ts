import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openTemporaryFiles } from '../testing/open-files.js';
import { readAll, refusalOf } from '../testing/reading.js';
import type { SpoolProgress } from './source.js';
import { spool } from './spool.js';

const ROWS = 'userId,itemId\nu,i\n';

describe('spool', () => {
  it('stores a stream in a file without a name, until it is disposed of', async () => {
    const opened = await spool(Readable.from([Buffer.from(ROWS)]), 'the body');
    expect(openTemporaryFiles()).toEqual([expect.stringMatching(/sparserec-.* \(deleted\)$/)]);
    for (const _ of [1, 2]) expect((await readAll(opened.sources[0]!)).toString()).toBe(ROWS);
    await opened.dispose();
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('unpacks what is packed', async () => {
    const opened = await spool(Readable.from([gzipSync(ROWS)]), 'the body');
    expect(opened).toMatchObject({ path: 'the body', isFolder: false, sources: [{ packing: 'gzip' }] });
    expect((await readAll(opened.sources[0]!)).toString()).toBe(ROWS);
    const { byteLength } = await opened.sources[0]!.openAnywhere();
    expect([byteLength, openTemporaryFiles().length]).toEqual([ROWS.length, 2]);
    await opened.dispose();
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('refuses a stream above the limit, and reads no further', async () => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (; ; chunks++) yield Buffer.alloc(1_024);
      })(),
      { objectMode: false },
    );
    const options = { spoolLimitBytes: 1024 ** 2 };
    expect(await refusalOf(spool(endless, 'the body', options))).toBe(
      'import-source-invalid the body: it has more than SPOOL_LIMIT_MB (1); raise it, or give a file',
    );
    expect(endless.destroyed).toBe(true);
    expect(chunks).toBeLessThan(1_500);
    expect(openTemporaryFiles()).toEqual([]);
  });

  it.each([
    ['fails', (stream: Readable) => stream.destroy(new Error('cut off'))],
    ['is packed in a way that is not read', (stream: Readable) => stream.push(null)],
  ])('leaves nothing behind of a stream that %s', async (_, end) => {
    const stream = new Readable({ read() {} });
    stream.push(Buffer.from('BZh91AY'));
    const spooled = spool(stream, 'the body');
    end(stream);
    await expect(spooled).rejects.toThrow(/^cut off$|it is a bzip2 file/);
    expect(openTemporaryFiles()).toEqual([]);
  });

  it('waits for a stream that stops sending, and says so', async () => {
    const stream = new Readable({ read() {} });
    stream.push(Buffer.from('userId,item'));
    const told: SpoolProgress[] = [];
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    const opened = await spool(stream, 'the body', {
      onSpooling: (progress) => {
        told.push(progress);
        if (progress.bytes > 0) clock.mockReturnValue(1_000);
        if (progress.waitingSeconds < 1) return;
        stream.push(Buffer.from('Id\nu,i\n'));
        stream.push(null);
      },
    });
    clock.mockRestore();
    expect(told.at(-1)).toEqual({ bytes: 11, waitingSeconds: 1 });
    expect((await readAll(opened.sources[0]!)).toString()).toBe(ROWS);
    await opened.dispose();
  });
});
