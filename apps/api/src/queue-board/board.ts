import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import { fastify, type FastifyInstance } from 'fastify';

export interface BoardOptions {
  readonly queues: readonly Queue[];
  readonly title: string;
  readonly isReadOnly: boolean;
  /** Where its page looks for everything else. */
  readonly path: string;
}

/** A server of its own, which listens nowhere: that of the service takes no routes once it listens. */
export async function makeBoard({ queues, title, isReadOnly, path }: BoardOptions): Promise<FastifyInstance> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(path);
  const { resolve } = createRequire(import.meta.url);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: isReadOnly })),
    serverAdapter,
    options: {
      uiBasePath: dirname(resolve('@bull-board/ui/package.json')),
      uiConfig: { boardTitle: title },
    },
  });
  const board = fastify();
  await board.register(serverAdapter.registerPlugin());
  return board;
}
