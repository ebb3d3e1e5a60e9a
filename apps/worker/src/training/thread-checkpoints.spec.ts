import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { ThreadCheckpoints } from './thread-checkpoints.js';
import { CHECKPOINT_DONE } from './training-task.js';

describe('ThreadCheckpoints', () => {
  let main: MessagePort;
  let thread: MessagePort;

  beforeEach(() => ({ port1: main, port2: thread } = new MessageChannel()));
  afterEach(() => main.close());

  it('is due again only when the last checkpoint was stored', async () => {
    const checkpoints = new ThreadCheckpoints(thread, null, 0);
    expect(checkpoints.isDue()).toBe(true);
    await checkpoints.save(Uint8Array.of(1, 2));
    await checkpoints.save(Uint8Array.of(3));
    expect(checkpoints.isDue()).toBe(false);
    expect(receiveMessageOnPort(main)?.message).toEqual({ kind: 'checkpoint', bytes: Uint8Array.of(1, 2) });
    main.postMessage(CHECKPOINT_DONE);
    expect(checkpoints.isDue()).toBe(false);
    main.postMessage(CHECKPOINT_DONE);
    expect(checkpoints.isDue()).toBe(true);
  });

  it('leaves time between checkpoints', async () => {
    const checkpoints = new ThreadCheckpoints(thread, Uint8Array.of(9), 3_600_000);
    expect(checkpoints.isDue()).toBe(false);
    await checkpoints.save(Uint8Array.of(1));
    main.postMessage(CHECKPOINT_DONE);
    expect(checkpoints.isDue()).toBe(false);
    expect(await checkpoints.load()).toEqual(Uint8Array.of(9));
  });

  it("leaves the caller's bytes alone", async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    await new ThreadCheckpoints(thread, null, 0).save(bytes);
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  });
});
