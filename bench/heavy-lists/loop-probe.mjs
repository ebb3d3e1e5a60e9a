/**
 * Preloaded into the API: answers each SIGUSR2 by a line on stdout with how late its event loop was
 * since the last one.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => ns / 1e6);
    process.stdout.write(`${JSON.stringify({ event: 'loop-delay', p50, p99, max })}\n`);
    delay.reset();
  });
}
