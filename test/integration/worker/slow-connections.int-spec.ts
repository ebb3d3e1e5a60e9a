import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SMALL, WorkerHarness } from './harness.js';

/** Longer than any process waits for a connection. */
const LATE_MS = 3_500;

/**
 * In front of a server: connections that are opened one after the other come in time, those of
 * a crowd come late.
 */
class SlowDoor {
  readonly #server: Server;
  #numLate = 0;

  /** @param inTime how many connections come in time; after them `late` come late */
  constructor(port: number, { inTime, late }: { readonly inTime: number; readonly late: number }) {
    let numOpened = 0;
    this.#server = createServer((from) => {
      const isLate = numOpened >= inTime && numOpened < inTime + late;
      numOpened++;
      if (isLate) this.#numLate++;
      void this.#join(from, port, isLate);
    });
  }

  get numLate(): number {
    return this.#numLate;
  }

  async open(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }

  async #join(from: Socket, port: number, isLate: boolean): Promise<void> {
    from.on('error', () => undefined);
    if (isLate) await delay(LATE_MS);
    const to = connect(port, '127.0.0.1').on('error', () => from.destroy());
    from.pipe(to).pipe(from);
    from.on('close', () => to.destroy());
  }
}

describe('a worker whose connections to PostgreSQL come late when it starts', () => {
  let harness: WorkerHarness;
  let door: SlowDoor | undefined;

  beforeEach(async () => {
    harness = await WorkerHarness.create('PostgreSQL');
    await harness.record(SMALL);
  });
  afterEach(async () => {
    await harness.close();
    door?.close();
  });

  it.each([
    ['those that check the settings', { inTime: 1, late: 2 }],
    ['those of the queue', { inTime: 3, late: 10 }],
  ])('starts and trains all the same: %s', async (_, crowd) => {
    const url = new URL(harness.environment.DATABASE_URL);
    door = new SlowDoor(Number(url.port), crowd);
    url.port = String(await door.open());
    const worker = await harness.startWorker({ DATABASE_URL: url.href });
    const { id } = await harness.startRun();
    expect(await harness.waitUntilFinished(id)).toMatchObject({ status: 'succeeded' });
    expect(door.numLate).toBe(crowd.late);
    await worker.kill('SIGTERM');
    expect(worker.log.filter(({ event }) => event === 'queue.error').length).toBeLessThan(100);
  });
});
