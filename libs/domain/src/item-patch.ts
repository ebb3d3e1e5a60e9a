import { isDeepStrictEqual } from 'node:util';
import type { ItemDetails, JsonObject, JsonValue } from './item.js';
import { LIMITS } from './limits.js';

/** A merge patch (RFC 7396) of an item: what is absent stays, and null takes the default. */
export interface ItemPatch {
  readonly title?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Merged member by member, at every depth. */
  readonly metadata?: JsonObject | null | undefined;
  readonly available?: boolean | null | undefined;
  readonly createdAt?: Date | undefined;
}

/** The item as the patch leaves it. */
export function patchItem(item: ItemDetails, patch: ItemPatch): ItemDetails {
  const { itemId, createdAt } = item;
  const { title = item.title, tags = item.tags, available = item.available, metadata = {} } = patch;
  return {
    itemId,
    title,
    tags: tags ?? [],
    metadata: metadata === null ? {} : (mergePatch(item.metadata, metadata) as JsonObject),
    available: available ?? true,
    createdAt: patch.createdAt ?? createdAt,
  };
}

/** Whether two items say the same, in whatever order the members of their metadata are. */
export function isSameItem(one: ItemDetails, other: ItemDetails): boolean {
  const said = ({ itemId, title, tags, metadata, available, createdAt }: ItemDetails) => [
    ...[itemId, title, tags, metadata, available],
    createdAt?.getTime(),
  ];
  return isDeepStrictEqual(said(one), said(other));
}

/** Of metadata, in words. */
export const METADATA_RULE = `must be at most ${LIMITS.metadataBytes} bytes as JSON, and at most ${LIMITS.metadataDepth} levels deep`;

/** Whether an item may have such metadata. What is deeper would overflow the stack of what looks at it. */
export function fitsMetadata(metadata: JsonObject): boolean {
  return (
    isNestedWithin(LIMITS.metadataDepth, metadata) &&
    Buffer.byteLength(JSON.stringify(metadata)) <= LIMITS.metadataBytes
  );
}

/** Whether a value has no more than so many objects and lists inside of each other. */
export function isNestedWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const member of Object.values(value)) if (!isNestedWithin(levels - 1, member)) return false;
  return true;
}

/** `MergePatch` of RFC 7396, section 2. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
