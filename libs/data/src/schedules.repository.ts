import { DomainError, type ModelParameters, type Schedule, type ScheduleGate } from '@app/domain';
import { notify } from './catalog-change.js';
import { holdCatalog } from './catalogs.repository.js';
import type { Database } from './database.js';
import { Prisma } from './generated/client.js';
import type { ScheduleModel } from './generated/models.js';
import { toPage, type Page } from './paging.js';

/** What a caller sets of a schedule. */
export type ScheduleInput = Omit<Schedule, 'lastOutcome' | 'lastTickAt' | 'createdAt' | 'updatedAt'>;

export class SchedulesRepository {
  constructor(private readonly database: Database) {}

  async put(input: ScheduleInput): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
    const { catalogId, name, gate, ...rest } = input;
    const data = { ...rest, gate: gate ? { ...gate } : Prisma.DbNull };
    return this.database.transaction(async (transaction) => {
      const where = { catalogId_name: { catalogId, name } };
      await holdCatalog(transaction, catalogId);
      const before = await transaction.schedule.findUnique({ where });
      const row = await transaction.schedule.upsert({
        where,
        create: { catalogId, name, ...data },
        update: { ...data, updatedAt: new Date() },
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

  async findPage(catalogId: string, cursor: string | null, limit: number): Promise<Page<Schedule>> {
    const rows = await this.database.run((prisma) =>
      prisma.schedule.findMany({
        where: { catalogId, ...(cursor !== null && { name: { gt: cursor } }) },
        orderBy: { name: 'asc' },
        take: limit + 1,
      }),
    );
    return toPage(rows.map(toSchedule), limit, (schedule) => schedule.name);
  }

  async findAll(): Promise<Schedule[]> {
    return (await this.database.run((prisma) => prisma.schedule.findMany())).map(toSchedule);
  }

  /** @throws DomainError `schedule-not-found` */
  async delete(catalogId: string, name: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const { count } = await transaction.schedule.deleteMany({ where: { catalogId, name } });
      if (count === 0) throw scheduleNotFound(name);
      await notify(transaction, { kind: 'schedules-changed', catalogId });
    });
  }

  /** @throws DomainError `schedule-not-found` */
  async recordOutcome(catalogId: string, name: string, outcome: string): Promise<void> {
    const { count } = await this.database.run((prisma) =>
      prisma.schedule.updateMany({
        where: { catalogId, name },
        data: { lastOutcome: outcome, lastTickAt: new Date() },
      }),
    );
    if (count === 0) throw scheduleNotFound(name);
  }
}

function scheduleNotFound(name: string): DomainError {
  return new DomainError('schedule-not-found', `There is no schedule "${name}"`);
}

function toSchedule(row: ScheduleModel): Schedule {
  return {
    ...row,
    parameters: row.parameters as ModelParameters,
    gate: row.gate as unknown as ScheduleGate | null,
  };
}
