import { endedProgramsSeconds, postgresSeconds } from '../lib/processor-time.mjs';
import { time } from '../lib/report.mjs';

/** Times on the clock and of processors, in milliseconds by their name. */
export class Measures {
  clock = {};
  processor = {};

  constructor(database) {
    this.database = database;
  }

  async take(name, work) {
    const before = await this.#processorMs();
    const ms = await time(work);
    (this.clock[name] ??= []).push(ms);
    (this.processor[name] ??= []).push((await this.#processorMs()) - before);
  }

  async #processorMs() {
    const { user, system } = process.cpuUsage();
    return (
      (user + system) / 1_000 + 1_000 * (endedProgramsSeconds() + (await postgresSeconds(this.database.pool)))
    );
  }
}
