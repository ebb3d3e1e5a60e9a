import {
  DomainError,
  etagOfSchedule,
  nextTick,
  requireMatch,
  type MissedTicks,
  type ModelParameters,
  type Schedule,
  type ScheduleGate,
  type TrainingRun,
} from '#domain';
import { notify } from '../changes/catalog-change.js';
import type { Database, Transaction } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import type { ScheduleModel } from '../generated/models.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { toPage, type Page } from '../sql/paging.js';
import { holdCatalog } from './catalogs.repository.js';
import { createRun, UNFINISHED, type NewTrainingRun } from './training-runs.repository.js';

/** What a caller sets of a schedule. */
export type ScheduleInput = Omit<
  Schedule,
  'nextTickAt' | 'lastOutcome' | 'lastTickAt' | 'createdAt' | 'updatedAt'
>;

export interface PutConditions {
  /** The header: the state that the schedule has to have. */
  readonly ifMatch?: string | undefined;
  /** Whether there must be none of the name. */
  readonly isNew?: boolean;
}

/** What becomes of a tick that is taken. */
export interface TickPlan {
  /** The tick after it. */
  readonly nextTickAt: Date | null;
  /** What it starts unless a run of the schedule is unfinished; null: nothing. */
  readonly run: NewTrainingRun | null;
  /** `lastOutcome`, in words. */
  describe(taken: TakenTick): string;
}

/** What came of a tick. */
export interface TakenTick {
  readonly started: TrainingRun | null;
  /** The unfinished run that kept another from being started. */
  readonly unfinished: { readonly id: string; readonly status: string } | null;
}

const LOCK = `SELECT 1 FROM schedules WHERE catalog_id = ${CATALOG} AND name = $2 FOR UPDATE`;

export class SchedulesRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `precondition-failed` */
  async put(
    input: ScheduleInput,
    { ifMatch, isNew = false }: PutConditions = {},
  ): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
    const { catalogId, name, gate, ...rest } = input;
    const data = { ...rest, gate: gate ? { ...gate } : Prisma.DbNull };
    return this.database.transaction(async (transaction) => {
      const where = { catalogId_name: { catalogId, name } };
      await holdCatalog(transaction, catalogId);
      if (ifMatch !== undefined) await lockSchedule(transaction, catalogId, name);
      const before = await transaction.schedule.findUnique({ where });
      requireMatch(ifMatch, before && etagOfSchedule(toSchedule(before)), 'schedule');
      const nextTickAt = tickAfterPut(before, input);
      const create = { catalogId, name, ...data, nextTickAt };
      if (isNew) await createSchedule(transaction, create);
      const row = await transaction.schedule.upsert({
        where,
        create,
        update: { ...data, nextTickAt, updatedAt: latest(new Date(), before?.updatedAt) },
      });
      await notify(transaction, { kind: 'schedules-changed', catalogId });
      return { schedule: toSchedule(row), created: before === null };
    });
  }

  /** @throws DomainError `schedule-not-found` */
  async load(catalogId: string, name: string): Promise<Schedule> {
    const row = await this.database.run((prisma) =>
      prisma.schedule.findUnique({ where: { catalogId_name: { catalogId, name } } }),
    );
    if (!row) throw scheduleNotFound(name);
    return toSchedule(row);
  }

  async findPage(catalogId: string, after: string | null, limit: number): Promise<Page<Schedule>> {
    const rows = await this.database.run((prisma) =>
      prisma.schedule.findMany({
        where: { catalogId, ...(after !== null && { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: limit + 1,
      }),
    );
    return toPage(rows.map(toSchedule), limit, (schedule) => schedule.name);
  }

  async findAll(): Promise<Schedule[]> {
    return (await this.database.run((prisma) => prisma.schedule.findMany())).map(toSchedule);
  }

  /** @throws DomainError `schedule-not-found`, `precondition-failed` */
  async delete(catalogId: string, name: string, ifMatch?: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      if (ifMatch !== undefined) {
        await lockSchedule(transaction, catalogId, name);
        const row = await transaction.schedule.findUnique({ where: { catalogId_name: { catalogId, name } } });
        if (row) requireMatch(ifMatch, etagOfSchedule(toSchedule(row)), 'schedule');
      }
      const { count } = await transaction.schedule.deleteMany({ where: { catalogId, name } });
      if (count === 0) throw scheduleNotFound(name);
      await notify(transaction, { kind: 'schedules-changed', catalogId });
    });
  }

  /**
   * Takes the tick that is due, starts its run and says so, in one transaction. Nobody takes it again.
   *
   * @returns null when it was taken before, or the schedule was changed since it was read
   */
  async takeTick(schedule: Schedule, plan: TickPlan): Promise<TakenTick | null> {
    const { catalogId, name, cron, timeZone, nextTickAt } = schedule;
    return this.database.transaction(async (transaction) => {
      await holdCatalog(transaction, catalogId);
      const { count } = await transaction.schedule.updateMany({
        where: { catalogId, name, cron, timeZone, nextTickAt, enabled: true },
        data: { nextTickAt: plan.nextTickAt, lastTickAt: new Date() },
      });
      if (count === 0) return null;
      const unfinished = await transaction.trainingRun.findFirst({
        where: { catalogId, scheduleName: name, status: UNFINISHED },
        select: { id: true, status: true },
      });
      const taken = {
        started: plan.run && !unfinished ? await createRun(transaction, plan.run) : null,
        unfinished,
      };
      const where = { catalogId_name: { catalogId, name } };
      await transaction.schedule.update({ where, data: { lastOutcome: plan.describe(taken) } });
      return taken;
    });
  }

  /** Sets the first tick of a schedule that has none yet, and is none the worse for being called twice. */
  async setFirstTick({ catalogId, name, cron, timeZone }: Schedule, nextTickAt: Date): Promise<void> {
    await this.database.run((prisma) =>
      prisma.schedule.updateMany({
        where: { catalogId, name, cron, timeZone, nextTickAt: null, enabled: true },
        data: { nextTickAt },
      }),
    );
  }

  /** @throws DomainError `schedule-not-found` */
  async recordOutcome(catalogId: string, name: string, outcome: string): Promise<void> {
    const { count } = await this.database.run((prisma) =>
      prisma.schedule.updateMany({
        where: { catalogId, name },
        data: { lastOutcome: outcome },
      }),
    );
    if (count === 0) throw scheduleNotFound(name);
  }
}

/** @throws DomainError `precondition-failed` where there is one of the name */
async function createSchedule(transaction: Transaction, data: Prisma.ScheduleCreateManyInput): Promise<void> {
  const { count } = await transaction.schedule.createMany({ data, skipDuplicates: true });
  if (count === 0) throw new DomainError('precondition-failed', `There is a schedule "${data.name}" already`);
}

/** Of those who change a schedule only if it has a state, one comes after the other. */
async function lockSchedule(transaction: Transaction, catalogId: string, name: string): Promise<void> {
  await transaction.$queryRawUnsafe(LOCK, catalogId, name);
}

/** A put that leaves the timing as it was leaves a tick that is due as well. */
function tickAfterPut(before: ScheduleModel | null, after: ScheduleInput): Date | null {
  const { cron, timeZone, enabled } = after;
  if (!enabled) return null;
  const isAsBefore = before?.enabled && before.cron === cron && before.timeZone === timeZone;
  return (isAsBefore && before.nextTickAt) || nextTick(cron, timeZone, new Date());
}

function scheduleNotFound(name: string): DomainError {
  return new DomainError('schedule-not-found', `There is no schedule "${name}"`);
}

function toSchedule(row: ScheduleModel): Schedule {
  return {
    ...row,
    parameters: row.parameters as ModelParameters,
    missed: row.missed as MissedTicks,
    gate: row.gate as unknown as ScheduleGate | null,
  };
}

/** The clock of another process may have been ahead. */
function latest(now: Date, before: Date | undefined): Date {
  return before && before > now ? before : now;
}
