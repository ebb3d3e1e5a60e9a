import type { Redis } from 'ioredis';

/** Characters of an id that are kept: enough that the next run has others. */
export const RUN_LENGTH = 6;

/**
 * Which run of which Redis server answers a client. It is another one after a restart and after a failover,
 * where the newest writes may be lost: a log on disk is a second behind, and so may a replica be.
 */
export class ServerRun {
  #id: Promise<string> | null = null;

  constructor(private readonly redis: Redis) {
    const askAnew = () => (this.#id = null);
    redis.on('close', askAnew).on('ready', askAnew);
  }

  /**
   * Of the server that the next command goes to. Servers that do not say it count as one that never ends.
   *
   * @throws when it cannot be asked
   */
  id(): Promise<string> {
    return (this.#id ??= this.#ask());
  }

  #ask(): Promise<string> {
    const id = this.redis.info('server').then(runOf);
    id.catch(() => {
      if (this.#id === id) this.#id = null;
    });
    return id;
  }
}

function runOf(info: string): string {
  const [, id = ''] = /^run_id:(\w+)/m.exec(info) ?? [];
  return id.slice(0, RUN_LENGTH).padEnd(RUN_LENGTH, '0');
}
