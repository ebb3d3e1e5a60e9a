import type { ImportedItem, ImportedUser } from '#domain';
import type { ItemsSummary, SampleItem, SampleUser, UsersSummary } from './attribute-summary.js';
import { DoubtfulIds } from './doubtful-ids.js';
import { EXACT_KEYS, hashText, KeyCounts } from './key-counts.js';

const SAMPLE_ROWS = 5;

/** Counts rows that each name one id, which is expected once. */
class NamedRows<Sample> {
  readonly sample: Sample[] = [];
  readonly #ids = new KeyCounts();
  #rows = 0;
  #repeats = 0;

  add(id: string, toSample: () => Sample): void {
    hashText(id);
    this.#rows++;
    if (this.#ids.add() > 0) this.#repeats += this.#ids.factor;
    if (this.sample.length < SAMPLE_ROWS) this.sample.push(toSample());
  }

  get different(): number {
    return this.#ids.isExact ? this.#rows - this.#repeats : this.#ids.size;
  }

  /** @param noun what the different ones are counted as */
  figures(noun: 'items' | 'users') {
    return {
      repeats: this.#repeats,
      estimated: this.#ids.isExact ? [] : [noun, 'repeats'],
      exactUpTo: EXACT_KEYS,
    };
  }
}

type ItemFigures = Pick<
  ItemsSummary,
  | 'items'
  | 'titles'
  | 'tagged'
  | 'dated'
  | 'unavailable'
  | 'deleted'
  | 'firstDate'
  | 'lastDate'
  | 'repeats'
  | 'estimated'
  | 'exactUpTo'
  | 'sample'
>;

/** Counts items as they will be stored. */
export class ItemCounts {
  readonly #rows = new NamedRows<SampleItem>();
  readonly #doubts: DoubtfulIds;
  #titles = 0;
  #tagged = 0;
  #dated = 0;
  #unavailable = 0;
  #deleted = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(encoding: string | null) {
    this.#doubts = new DoubtfulIds(encoding);
  }

  add(item: ImportedItem): void {
    const { itemId, title, tags, available, createdAt, deletedAt } = item;
    this.#rows.add(itemId, () => toSampleItem(item));
    this.#doubts.see({ userId: '', itemId });
    if (title !== null) this.#titles++;
    if (tags.length > 0) this.#tagged++;
    if (!available) this.#unavailable++;
    if (deletedAt) this.#deleted++;
    if (createdAt) this.#addDate(createdAt.getTime());
  }

  #addDate(ms: number): void {
    this.#dated++;
    this.#firstMs = Math.min(this.#firstMs, ms);
    this.#lastMs = Math.max(this.#lastMs, ms);
  }

  warnings(): readonly string[] {
    return this.#doubts.warnings();
  }

  summarize(): ItemFigures {
    return {
      items: this.#rows.different,
      titles: this.#titles,
      tagged: this.#tagged,
      dated: this.#dated,
      unavailable: this.#unavailable,
      deleted: this.#deleted,
      firstDate: this.#dated > 0 ? new Date(this.#firstMs).toISOString() : null,
      lastDate: this.#dated > 0 ? new Date(this.#lastMs).toISOString() : null,
      ...this.#rows.figures('items'),
      sample: this.#rows.sample,
    };
  }
}

/** Of a deleted item nothing but its id and its dates is stored. */
function toSampleItem({ createdAt, deletedAt, ...item }: ImportedItem): SampleItem {
  const dates = { createdAt: createdAt?.toISOString() ?? null, deletedAt: deletedAt?.toISOString() ?? null };
  const { itemId, title, tags, metadata, available } = item;
  if (deletedAt) return { itemId, title: null, tags: [], metadata: {}, available, ...dates };
  return { itemId, title, tags, metadata, available, ...dates };
}

type UserFigures = Pick<
  UsersSummary,
  'users' | 'tagged' | 'noTraining' | 'noPersonal' | 'repeats' | 'estimated' | 'exactUpTo' | 'sample'
>;

/** Counts users as they will be stored. */
export class UserCounts {
  readonly #rows = new NamedRows<SampleUser>();
  readonly #doubts: DoubtfulIds;
  #tagged = 0;
  #noTraining = 0;
  #noPersonal = 0;

  constructor(encoding: string | null) {
    this.#doubts = new DoubtfulIds(encoding);
  }

  add(user: ImportedUser): void {
    const { userId, tags, metadata, training = null, personal = null } = user;
    this.#rows.add(userId, () => ({ userId, tags, metadata, training, personal }));
    this.#doubts.see({ userId, itemId: '' });
    if (tags.length > 0) this.#tagged++;
    if (training === false) this.#noTraining++;
    if (personal === false) this.#noPersonal++;
  }

  warnings(): readonly string[] {
    return this.#doubts.warnings();
  }

  summarize(): UserFigures {
    return {
      users: this.#rows.different,
      tagged: this.#tagged,
      noTraining: this.#noTraining,
      noPersonal: this.#noPersonal,
      ...this.#rows.figures('users'),
      sample: this.#rows.sample,
    };
  }
}
