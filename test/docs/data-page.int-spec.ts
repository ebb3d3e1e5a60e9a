import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { shellCommandsOf } from '../support/shell-commands.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/data.md';

describe('the page of a file of your own', () => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'data-page-'));
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const run = (command: string) => {
    const cli = `"${process.execPath}" "${join(ROOT, 'dist/programs/cli.js')}"`;
    return spawnSync('bash', ['-o', 'pipefail', '-c', command.replace('npm run -s sparserec --', cli)], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: database.url },
    });
  };
  const commands = shellCommandsOf(PAGE).filter((command) => !command.startsWith('curl'));
  const texts = [...readFileSync(join(ROOT, PAGE), 'utf8').matchAll(/^```text\n([^]*?)^```$/gm)].map(
    ([, text]) => text!,
  );

  it('has commands that all work, in their order, and shows what the first prints', () => {
    const ran = commands.map((command) => ({ command, ...run(command) }));
    expect(ran.filter(({ status }) => status !== 0).map(({ command, stderr }) => [command, stderr])).toEqual(
      [],
    );
    expect(ran.find(({ stdout }) => stdout !== '')!.stdout).toBe(texts[0]);
    expect(ran.find(({ command }) => command.includes('inspect --items'))!.stdout).toBe(texts[2]);
    expect(commands.length).toBeGreaterThan(15);
  }, 180_000);

  it('shows the refusal that days without a format get', () => {
    const { status, stderr } = run(
      `${commands.find((command) => command.includes('> days.csv'))!}; npm run -s sparserec -- inspect --data days.csv`,
    );
    expect([status, stderr]).toEqual([2, texts[1]]);
  });
});
