import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

const ROOT = join(import.meta.dirname, '../../..');
const LIMIT_MS = 120_000;

/** `npm start` with a state folder and a port of its own. */
class Launcher {
  output = '';
  readonly child: ChildProcess;

  constructor(home: string, port: number) {
    const env = { PATH: process.env['PATH'], SPARSEREC_HOME: home, PORT: String(port) };
    this.child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
  }

  async ready(): Promise<void> {
    await waitFor(
      'the launcher',
      () => {
        if (this.child.exitCode !== null) throw new Error(this.output);
        return this.output.includes('Ready in');
      },
      LIMIT_MS,
    );
  }

  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.exitCode();
  }

  /** Pasted lines with their printed answers. */
  get calls(): { command: string; answer: string }[] {
    return [...this.output.matchAll(/^(curl .*)\n(\{.*\})$/gm)].map(([, command, answer]) => ({
      command: command!,
      answer: answer!,
    }));
  }
}

function paste(command: string) {
  return JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
}

describe('npm start', () => {
  const home = mkdtempSync(join(tmpdir(), 'sparserec-start-'));
  chmodSync(home, 0o755);
  let port: number;
  let launcher: Launcher;

  beforeAll(async () => {
    port = await findFreePort();
    launcher = new Launcher(home, port);
    await launcher.ready();
  }, LIMIT_MS);

  afterAll(async () => {
    await launcher.interrupt();
    rmSync(home, { recursive: true, force: true });
  });

  it('ends at three calls that answer the same when they are pasted', () => {
    expect(launcher.calls).toHaveLength(3);
    for (const { command, answer } of launcher.calls) {
      const { recommendationId: _, ...printed } = JSON.parse(answer);
      expect(paste(command)).toMatchObject(printed);
      expect(printed.items).toHaveLength(3);
      for (const item of printed.items)
        expect(item).toMatchObject({ source: 'model', title: expect.any(String) });
    }
  });

  it('makes every command of the README work', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const commands = [...readme.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) =>
      block!.trim().split('\n'),
    );
    expect(commands.length).toBeGreaterThan(5);
    const replies = commands.map((command) => paste(command.replaceAll(':3000', `:${port}`)));
    for (const reply of replies) expect(reply).not.toHaveProperty('title', expect.any(String));
    expect(replies[1].items[0]).toMatchObject({ source: 'model', because: expect.any(Array) });
  });

  it('says that it is already running, and where', async () => {
    const second = new Launcher(home, await findFreePort());
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toContain(
      `already running at http://127.0.0.1:${port} (process ${launcher.child.pid})`,
    );
  });

  it('says that a port is in use, naming both', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const busy = (server.address() as { port: number }).port;
    const second = new Launcher(mkdtempSync(join(tmpdir(), 'sparserec-busy-')), busy);
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toContain(
      `Port ${busy} of 127.0.0.1 is in use. Choose another with PORT, or another address with HOST.`,
    );
    server.close();
  });

  it(
    'leaves no process behind, and keeps all data for the next start',
    async () => {
      expect(await launcher.interrupt()).toBe(0);
      const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
      expect(left.filter((line) => line.includes(home))).toEqual([]);
      launcher = new Launcher(home, port);
      await launcher.ready();
      expect(launcher.output).not.toContain('Loading');
      const list = paste(
        `curl -s 'http://127.0.0.1:${port}/v1/catalogs/default/users/ada/recommendations?k=3'`,
      );
      expect(list.items[0].source).toBe('model');
    },
    LIMIT_MS,
  );
});
