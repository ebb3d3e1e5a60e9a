import { LIMITS } from '#domain';
import { insertSorted, removeSorted, tagScale, TagMixtures, type Tag } from '#models';
import type { ColumnValue } from '../items/item-column.js';
import type { ActiveModel } from '../models/active-model.js';

/** New items with the same tags, which all have the same score. */
export interface TagGroup {
  /** By name. */
  readonly tags: readonly Tag[];
  /** Ascending. */
  readonly itemKeys: number[];
}

const NO_TAGS: readonly string[] = [];
/** Of an entry in a list. */
const ENTRY_BYTES = 8;
const GROUP_BYTES = 256;

/** What `NewItems` takes at most for so many items. */
export function mostNewItemsBytes(numKeys: number): number {
  return numKeys * (ENTRY_BYTES * (2 + LIMITS.tagsPerItem) + GROUP_BYTES);
}

/**
 * The items of a catalog that a model has never seen, by their tags, beside the tags of the items that it
 * has. There are as many groups as there are different sets of tags, however many items are new.
 */
export class NewItems {
  readonly mixtures: TagMixtures;
  readonly #tagsOf: (readonly string[] | undefined)[] = [];
  readonly #groups = new Map<string, TagGroup>();
  readonly #groupOf: (TagGroup | undefined)[] = [];
  #entries = 0;
  #version = 0;

  constructor(private readonly active: ActiveModel) {
    const { popularity, kind } = active.served;
    const users = popularity.scoreUser({ indices: new Uint32Array(), values: new Float32Array() });
    this.mixtures = new TagMixtures(users, tagScale(kind));
  }

  /** Another one whenever scores may be others. */
  get version(): number {
    return this.#version;
  }

  get groups(): Iterable<TagGroup> {
    return this.#groups.values();
  }

  get numGroups(): number {
    return this.#groups.size;
  }

  get sizeBytes(): number {
    return ENTRY_BYTES * (2 * this.#tagsOf.length + this.#entries) + GROUP_BYTES * this.#groups.size;
  }

  /** Tags of an item, as they were taken in; not to be changed. */
  tagsOf(itemKey: number): readonly string[] {
    return this.#tagsOf[itemKey] ?? NO_TAGS;
  }

  /** The group of a new item; undefined for one that has no tags, or that the model has. */
  groupOf(itemKey: number): TagGroup | undefined {
    return this.#groupOf[itemKey];
  }

  /** True when the item is taken in as the column has it; every change makes another value there. */
  has(itemKey: number, value: ColumnValue): boolean {
    return this.#tagsOf[itemKey] === (isTags(value) ? value : undefined);
  }

  /** Takes in an item, or what became of one; `undefined` for one that is gone. */
  take(itemKey: number, value: ColumnValue): void {
    this.#version++;
    this.#change(itemKey, this.tagsOf(itemKey), false);
    // Arrays with holes would become slow ones.
    for (const array of [this.#tagsOf, this.#groupOf]) while (array.length <= itemKey) array.push(undefined);
    this.#tagsOf[itemKey] = isTags(value) ? value : undefined;
    this.#change(itemKey, this.tagsOf(itemKey), true);
  }

  #change(itemKey: number, tags: readonly string[], isIn: boolean): void {
    const index = this.active.indexOf(itemKey);
    this.#entries += isIn ? tags.length : -tags.length;
    if (index < 0) this.#changeGroup(itemKey, tags, isIn);
    else if (isIn) for (const tag of new Set(tags)) this.mixtures.add(tag, index);
    else for (const tag of new Set(tags)) this.mixtures.remove(tag, index);
  }

  #changeGroup(itemKey: number, tags: readonly string[], isIn: boolean): void {
    if (tags.length === 0) return;
    const name = JSON.stringify(distinct(tags));
    const group = this.#groups.get(name) ?? this.#createGroup(name, tags);
    this.#groupOf[itemKey] = isIn ? group : undefined;
    if (isIn) insertSorted(group.itemKeys, itemKey);
    else removeSorted(group.itemKeys, itemKey);
    if (group.itemKeys.length > 0) return;
    this.#groups.delete(name);
    for (const tag of group.tags) this.mixtures.release(tag);
  }

  #createGroup(name: string, tags: readonly string[]): TagGroup {
    const group = { tags: distinct(tags).map((tag) => this.mixtures.use(tag)), itemKeys: [] };
    this.#groups.set(name, group);
    return group;
  }
}

function distinct(tags: readonly string[]): string[] {
  return [...new Set(tags)].sort();
}

function isTags(value: ColumnValue): value is readonly string[] {
  return Array.isArray(value) && value.length > 0;
}
