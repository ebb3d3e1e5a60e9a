import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clocks, findFaketime } from '../../faults/clocks.mjs';
import { Ledger } from '../../faults/ledger.mjs';
import { Network, whyNoNetwork } from '../../faults/network.mjs';

const SCRIPT = join(import.meta.dirname, '../../faults/main.mjs');
const HOUR_SECONDS = 3_600;
/** Answers with the time of the day; its address comes as the first line. */
const SERVER = `require('node:http').createServer((_, answer) => answer.end(String(Date.now())))
  .listen(0, process.argv[1], function () { console.log(this.address().port); });`;
const ANSWER_LIMIT_MS = 2_000;

const noNetwork = whyNoNetwork();

describe('the tools of the fault harness', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fault-tools-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  /** @returns its URL */
  async function serve(address: string, [program, ...args]: string[], env = {}): Promise<string> {
    const child = spawn(program!, [...args, '-e', SERVER, address], { env: { ...process.env, ...env } });
    children.push(child);
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    return `http://${address}:${Number(port)}`;
  }

  const timeOf = async (url: string) => Number(await (await fetch(url)).text());

  (findFaketime() ? it : it.skip)('step the clock of a process while it runs', async () => {
    const clocks = new Clocks(folder);
    const url = await serve('127.0.0.1', [process.execPath], clocks.environmentOf('it'));
    for (const seconds of [HOUR_SECONDS, -HOUR_SECONDS, 0]) {
      await clocks.step('it', seconds, () => timeOf(url));
      const aheadSeconds = ((await timeOf(url)) - Date.now()) / 1_000;
      expect(Math.abs(aheadSeconds - seconds)).toBeLessThan(HOUR_SECONDS / 2);
    }
  });

  (noNetwork === null ? it : it.skip)('lose packets on the way to another host, and none then', async () => {
    const network = Network.create();
    try {
      const url = await serve(network.address, network.command([process.execPath]));
      expect(await timeOf(url)).toBeGreaterThan(0);
      network.lose(99);
      const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
      await expect(fetch(url, { signal })).rejects.toThrow();
      expect(network.heal()).toBeGreaterThan(0);
      expect(await timeOf(url)).toBeGreaterThan(0);
    } finally {
      network.remove();
    }
  });

  it('go on where an earlier process has ended, with its outcomes', () => {
    const path = join(folder, 'ledger.jsonl');
    const before = new Ledger(path);
    const outcome = { fault: 'flush', findings: [], readyMs: 12.5 };
    before.sent(3, 'c3-w0-u0', 'item-1');
    before.acknowledged(3, 'c3-w0-u0', 'item-1');
    before.sent(3, 'c3-w0-u0', 'item-2');
    before.ended(3, outcome);
    const after = new Ledger(path);
    expect(after.pairs('c')).toEqual([
      ['c3-w0-u0 item-1', true],
      ['c3-w0-u0 item-2', false],
    ]);
    expect(after.lastCycle).toBe(3);
    expect(after.outcomes).toEqual([{ cycle: 3, ...outcome }]);
  });

  it('say what is not possible on this machine, and why', () => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--faults', 'loss-5'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: folder },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Skipped: faults of loss, since (there is no program ip|only root may .*)\.$/m);
    expect(stderr).toMatch(/^None of these faults is possible here\.$/m);
  });
});
