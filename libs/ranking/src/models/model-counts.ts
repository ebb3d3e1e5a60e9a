import { CacheCounts } from '#domain';

/** What models of one kind were asked for, since the start of the process. */
export class ModelCounts {
  /** Histories that a model took in: of a user once until it changes, of a basket each time. */
  foldIns = 0;
  /** Lists that found the best items of their history cached. */
  readonly bestItems = new CacheCounts();
}
