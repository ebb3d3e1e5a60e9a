import { Injectable } from '@nestjs/common';
import { SchedulesRepository, type Page } from '@app/data';
import { DomainError, type Schedule } from '@app/domain';
import { parseParameters } from '@app/models';
import type { PageQuery } from '../common/schemas.js';
import { ServingCatalogs } from '../serving/serving-catalogs.js';
import type { ScheduleFields } from './dto/schedules.dto.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

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
    if (!NAME.test(name)) {
      const detail = 'must be 1 to 63 of a-z, 0-9, _ and -, and start with a letter or digit';
      throw new DomainError('validation-failed', '1 field is invalid', {
        errors: [{ pointer: '#/name', detail }],
      });
    }
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
