import type { MessagePort } from 'node:worker_threads';
import { artifactName, DomainError, type ErrorCode } from '#domain';
import { decodeBlockParts, encodeBlockTask, partBytes, probeKernels, type BlockSolver } from '#models';
import type { FlowMessage, WantedBlocks } from './flow-messages.js';

type SolvedParts = Awaited<ReturnType<BlockSolver>>;

/** Has the blocks of a fit solved by all workers, from within a compute thread. */
export function blocksByWorkers(port: MessagePort): BlockSolver {
  return ({ kernels }, system, blocks, options) => {
    const probe = probeKernels(kernels);
    const bytes = encodeBlockTask(system, blocks, options, probe) as Uint8Array<ArrayBuffer>;
    const memory = partBytes(system, blocks, options, bytes.length);
    const wanted: WantedBlocks = { task: artifactName(bytes), bytes, numBlocks: blocks.length, memory };
    const solved = partsFrom(port, options.onProgress);
    port.postMessage(wanted, [bytes.buffer]);
    return solved;
  };
}

async function partsFrom(
  port: MessagePort,
  onProgress: ((share: number) => void) | undefined,
): Promise<SolvedParts> {
  const parts = new Map<number, SolvedParts>();
  let listen = (_message: FlowMessage): void => undefined;
  const heard = new Promise<void>((resolve, reject) => {
    listen = (message) => {
      if (message.kind === 'progress') onProgress?.(message.share);
      else if (message.kind === 'done') resolve();
      else if (message.kind === 'failed') reject(asError(message.error));
      else parts.set(message.position, decodeBlockParts(message.bytes));
    };
  });
  port.on('message', listen);
  await heard.finally(() => port.off('message', listen));
  return [...parts.values()].flat();
}

/** That of the worker which failed. */
function asError({ code, detail }: Extract<FlowMessage, { kind: 'failed' }>['error']): DomainError {
  return new DomainError(code as ErrorCode, detail);
}
