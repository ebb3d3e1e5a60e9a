import { Injectable } from '@nestjs/common';
import { SchedulesRepository, type PutConditions } from '#data';
import type { Schedule, ScheduleFields } from '#domain';
import { parseParameters } from '#models';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import type { PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';

/** Schedules are rows; the worker mirrors them to the queue. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly catalogs: ServingCatalogs,
  ) {}

  async put(
    catalogId: string,
    name: string,
    { model, parameters, ...fields }: ScheduleFields,
    conditions: PutConditions,
  ): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
    const parsed = parseParameters(model, parameters);
    return this.schedules.put({ catalogId, name, kind: model, parameters: parsed, ...fields }, conditions);
  }

  async load(catalogId: string, name: string): Promise<Schedule> {
    await this.catalogs.get(catalogId);
    return this.schedules.load(catalogId, name);
  }

  async findPage(catalogId: string, query: PageQuery): Promise<CursorPage<Schedule>> {
    await this.catalogs.get(catalogId);
    return readPage(['schedules', catalogId], query, (after, limit) =>
      this.schedules.findPage(catalogId, after, limit),
    );
  }

  async delete(catalogId: string, name: string, ifMatch?: string): Promise<void> {
    await this.catalogs.get(catalogId);
    await this.schedules.delete(catalogId, name, ifMatch);
  }
}
