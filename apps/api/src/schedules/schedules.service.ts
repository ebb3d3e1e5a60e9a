import { Injectable } from '@nestjs/common';
import { SchedulesRepository, type Page } from '@app/data';
import { isName, NAME_RULE, type Schedule } from '@app/domain';
import { parseParameters } from '@app/models';
import { validationProblem } from '../common/problem/validation-problem.js';
import type { PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
import type { ScheduleFields } from './dto/schedules.dto.js';

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
  ): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
    if (!isName(name)) throw validationProblem([{ path: ['name'], message: NAME_RULE }]);
    return this.schedules.put({
      catalogId,
      name,
      kind: model,
      parameters: parseParameters(model, parameters),
      ...fields,
    });
  }

  async load(catalogId: string, name: string): Promise<Schedule> {
    await this.catalogs.get(catalogId);
    return this.schedules.load(catalogId, name);
  }

  async findPage(catalogId: string, { cursor, limit }: PageQuery): Promise<Page<Schedule>> {
    await this.catalogs.get(catalogId);
    return this.schedules.findPage(catalogId, cursor ?? null, limit);
  }

  async delete(catalogId: string, name: string): Promise<void> {
    await this.catalogs.get(catalogId);
    await this.schedules.delete(catalogId, name);
  }
}
