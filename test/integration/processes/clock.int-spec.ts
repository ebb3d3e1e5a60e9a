import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparserec } from '../../../apps/cli/test/sparserec.js';
import { TestService } from '../../support/api.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';

const MINUTE_MS = 60_000;
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();
const QUESTION = 'is its time zone right?';

describe('interactions dated ahead of the clock', () => {
  let service: TestService;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-clock-'));
    service = await TestService.start({ redis: false });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await service.stop();
  });

  const count = async () =>
    Number((await service.database.query('SELECT count(*) FROM interactions')).rows[0].count);
  const view = (occurredAt: string) => ({ userId: 'u', itemId: 'i', occurredAt });

  it('are refused when they are posted, each by its pointer, and nothing is stored', async () => {
    const interactions = [view(inMinutes(0)), view(inMinutes(60)), view('2126-01-01T00:00:00+05:00')];
    const { status, body } = await service.send('POST', 'interactions', { interactions });
    expect([status, body.type]).toEqual([422, '/problems/validation-failed']);
    expect(body.errors).toEqual(
      [1, 2].map((place) => ({
        pointer: `#/interactions/${place}/occurredAt`,
        detail: expect.stringContaining(QUESTION),
      })),
    );
    expect(await count()).toBe(0);
  });

  it('are refused in an import, by the row', async () => {
    const csv = `userId,itemId,occurredAt\nu,i,${inMinutes(-1)}\nu,i,${inMinutes(60)}\n`;
    const { status, body } = await service.send('POST', 'interactions/import', csv, 'text/csv');
    expect([status, body.type, body.row]).toEqual([422, '/problems/import-row-invalid', 3]);
    expect(body.detail).toContain(QUESTION);
    expect(await count()).toBe(0);
  });

  it('are refused by the command line, by file and line, unless it is told a larger tolerance', async () => {
    const path = join(folder, 'rows.csv');
    writeFileSync(path, `userId,itemId,occurredAt\nu,i,${inMinutes(60)}\n`);
    const call = ['import', '--data', path, '--database', service.database.url];
    const refused = sparserec(...call);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain(`${path}, line 2: occurredAt is `);
    expect(refused.stderr).toContain(QUESTION);
    expect(await count()).toBe(0);
    expect(sparserec(...call, '--clock-tolerance', '7200').status).toBe(0);
    expect(await count()).toBe(1);
  });

  it('are taken within the tolerance', async () => {
    const { body } = await service.send('POST', 'interactions', { interactions: [view(inMinutes(4))] });
    expect(body).toMatchObject({ stored: 1 });
  });

  it('are named by a worker that starts, when they are stored already', async () => {
    const worker = new ServiceProcess('programs/worker.js', {
      DATABASE_URL: service.database.url,
      REDIS_URL: '',
    });
    try {
      const line = await waitFor('the line', () =>
        worker.log.find(({ event }) => event === 'interactions.ahead-of-clock'),
      );
      expect(line).toMatchObject({ level: 'warn', catalogId: 'default', rows: 1 });
      await service.database.query(String(line['statement']));
      const left = await service.database.query(
        `SELECT count(*)::int AS count FROM interactions WHERE occurred_at > now() + interval '300 seconds'`,
      );
      expect([left.rows[0].count, await count()]).toEqual([0, 2]);
    } finally {
      await worker.kill();
    }
  });
});
