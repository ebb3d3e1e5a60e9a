import { Injectable, Logger } from '@nestjs/common';
import { SchedulesRepository, type TakenTick, type TickPlan } from '#data';
import {
  DomainError,
  findCronFault,
  isLate,
  nextTick,
  nextTickAfter,
  type Schedule,
  type TrainingRun,
} from '#domain';
import { TrainingQueue, type ScheduleTickJob } from '#queue';
import { span } from '#tracing';
import { describeTick } from './tick-outcome.js';

/** Timers may be a little early. */
const EARLY_MS = 100;

/**
 * What happens when a schedule is due. The queue wakes this service in time, and rounds do so when
 * the queue could not: each tick is taken once, by whoever comes first, since its time is kept with
 * the schedule in Postgres.
 */
@Injectable()
export class ScheduleTicksService {
  readonly #logger = new Logger(ScheduleTicksService.name);

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly queue: TrainingQueue,
  ) {}

  /** To be called when the queue says that a schedule is due. */
  async tick({ catalogId, scheduleName }: ScheduleTickJob): Promise<void> {
    const schedule = await this.#find(catalogId, scheduleName);
    if (schedule?.enabled) await this.#takeDue(schedule);
  }

  /** Takes all ticks that are due: those of a time without workers, and those that the queue has lost. */
  async takeAllDue(): Promise<void> {
    for (const schedule of await this.schedules.findAll())
      if (schedule.enabled) await this.#takeDue(schedule);
  }

  async #takeDue(schedule: Schedule): Promise<void> {
    const { nextTickAt } = schedule;
    if (nextTickAt === null) await this.#setFirstTick(schedule);
    else if (nextTickAt.getTime() <= Date.now() + EARLY_MS)
      await span('schedule tick', {}, () => this.#take(schedule, nextTickAt));
  }

  async #take(schedule: Schedule, dueAt: Date): Promise<void> {
    const { catalogId, name: scheduleName, cron, timeZone } = schedule;
    const now = new Date(Math.max(Date.now(), dueAt.getTime()));
    const isSkipped = schedule.missed === 'skip' && isLate(dueAt, now);
    const taken = await this.#takeUnlessGone(schedule, {
      nextTickAt: nextTickAfter(cron, timeZone, dueAt, now),
      run: isSkipped ? null : runOf(schedule, dueAt),
      describe: (outcome: TakenTick) => describeTick(outcome, dueAt, now),
    });
    if (taken === null) return;
    const runId = taken.started?.id ?? null;
    this.#logger.log({ event: 'schedule.ticked', catalogId, scheduleName, dueAt, runId });
    if (taken.started) await this.#enqueue(taken.started);
  }

  async #takeUnlessGone(schedule: Schedule, plan: TickPlan): Promise<TakenTick | null> {
    try {
      return await this.schedules.takeTick(schedule, plan);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** Of a schedule that an older version has written. */
  async #setFirstTick(schedule: Schedule): Promise<void> {
    const first = nextTick(schedule.cron, schedule.timeZone, new Date());
    if (first !== null) return this.schedules.setFirstTick(schedule, first);
    const outcome = `never runs: the cron expression ${findCronFault(schedule.cron) ?? 'has no next tick'}`;
    if (schedule.lastOutcome === outcome) return;
    const { catalogId, name: scheduleName } = schedule;
    await this.schedules.recordOutcome(catalogId, scheduleName, outcome);
    this.#logger.warn({ event: 'schedule.never-runs', catalogId, scheduleName, reason: outcome });
  }

  /** The reconciler puts the run into the queue when this cannot. */
  async #enqueue(run: TrainingRun): Promise<void> {
    try {
      await this.queue.enqueue(run);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'queue-unavailable') throw error;
      this.#logger.warn({ event: 'schedule.enqueue-postponed', runId: run.id });
    }
  }

  async #find(catalogId: string, scheduleName: string): Promise<Schedule | null> {
    try {
      return await this.schedules.load(catalogId, scheduleName);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}

function runOf({ catalogId, name: scheduleName, kind, parameters, gate }: Schedule, dueAt: Date) {
  const withLeaderboard = gate?.mustBeBestOf === 'leaderboard';
  return { catalogId, kind, parameters, withLeaderboard, activate: true, scheduleName, dueAt };
}

function isGone(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    (error.code === 'schedule-not-found' || error.code === 'catalog-not-found')
  );
}
