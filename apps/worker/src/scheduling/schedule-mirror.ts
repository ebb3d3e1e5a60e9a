import { Injectable, Logger } from '@nestjs/common';
import { SchedulesRepository } from '#data';
import type { Schedule } from '#domain';
import { jobSchedulerId, ScheduleQueue, type MirroredSchedule } from '#queue';

/**
 * A tick this late is not merely waiting for a worker: a job scheduler whose tick job was lost never ticks
 * again by itself, so it is set up anew.
 */
const OVERDUE_MS = 60_000;

/** Keeps one job scheduler for every schedule in Postgres that has a next tick, and no other. */
@Injectable()
export class ScheduleMirror {
  readonly #logger = new Logger(ScheduleMirror.name);

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly queue: ScheduleQueue,
  ) {}

  /** The queue is read first: a scheduler that is in it and not in the later list of schedules is stale. */
  async mirror(): Promise<void> {
    const mirrored = new Map((await this.queue.findAll()).map((entry) => [entry.schedulerId, entry]));
    const stored = (await this.schedules.findAll()).filter(({ nextTickAt }) => nextTickAt !== null);
    const wanted = new Map(stored.map((schedule) => [idOf(schedule), schedule]));
    for (const schedulerId of mirrored.keys()) if (!wanted.has(schedulerId)) await this.#remove(schedulerId);
    for (const [schedulerId, schedule] of wanted)
      if (!isCurrent(mirrored.get(schedulerId), schedule)) await this.#put(schedule);
  }

  async #remove(schedulerId: string): Promise<void> {
    await this.queue.remove(schedulerId);
    this.#logger.log({ event: 'schedule.unmirrored', schedulerId });
  }

  /** One schedule that the queue refuses must not keep the others from it. */
  async #put({ catalogId, name: scheduleName, cron, timeZone }: Schedule): Promise<void> {
    try {
      await this.queue.put({ catalogId, scheduleName, cron, timeZone });
      this.#logger.log({ event: 'schedule.mirrored', catalogId, scheduleName });
    } catch (error) {
      this.#logger.warn({ event: 'schedule.not-mirrored', catalogId, scheduleName, error });
    }
  }
}

function idOf({ catalogId, name }: Schedule): string {
  return jobSchedulerId(catalogId, name);
}

function isCurrent(mirrored: MirroredSchedule | undefined, schedule: Schedule): boolean {
  if (mirrored === undefined) return false;
  const isOverdue = mirrored.nextTickAt === null || Date.now() - mirrored.nextTickAt.getTime() > OVERDUE_MS;
  return mirrored.cron === schedule.cron && mirrored.timeZone === schedule.timeZone && !isOverdue;
}
