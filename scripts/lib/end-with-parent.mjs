/**
 * Preloaded into the service's processes: when the launcher is gone, however it went, they stop
 * as if told to.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
