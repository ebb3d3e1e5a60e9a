import { Injectable } from '@nestjs/common';
import { ActivityRepository, type DayCounts } from '#data';
import { HeavyReads } from '../common/concurrency/heavy-reads.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';

/** How much was done, day by day. */
@Injectable()
export class ActivityService {
  constructor(
    private readonly activity: ActivityRepository,
    private readonly catalogs: ServingCatalogs,
    private readonly reads: HeavyReads,
  ) {}

  async countOfCatalog(catalogId: string, days: number): Promise<DayCounts> {
    await this.catalogs.get(catalogId);
    return this.reads.run(() => this.activity.countOfCatalog(catalogId, days));
  }

  async countOfItem(catalogId: string, itemId: string, days: number): Promise<DayCounts> {
    await this.catalogs.get(catalogId);
    return this.reads.run(() => this.activity.countOfItem(catalogId, itemId, days));
  }
}
