import type { Item, ItemPatch } from '@sparserec/client';

/** What the form of an item can change. */
export interface Draft {
  readonly title: string;
  readonly tags: readonly string[];
  readonly available: boolean;
}

const FIELDS = ['title', 'tags', 'available'] as const;

export function draftOf({ title, tags, available }: Pick<Item, 'title' | 'tags' | 'available'>): Draft {
  return { title: title ?? '', tags, available };
}

function isSame(one: Draft, other: Draft, field: (typeof FIELDS)[number]): boolean {
  return JSON.stringify(one[field]) === JSON.stringify(other[field]);
}

/** What was typed, as a patch of the item that it was typed over. */
export function patchOf(base: Draft, typed: Draft): ItemPatch {
  const { title, tags, available } = typed;
  return {
    ...(!isSame(base, typed, 'title') && { title: title.trim() === '' ? null : title }),
    ...(!isSame(base, typed, 'tags') && { tags: [...tags] }),
    ...(!isSame(base, typed, 'available') && { available }),
  };
}

/** What was typed stays; a field that was left as it was takes what somebody else has made of it. */
export function mergedDraft(base: Draft, typed: Draft, theirs: Draft): Draft {
  return {
    title: isSame(base, typed, 'title') ? theirs.title : typed.title,
    tags: isSame(base, typed, 'tags') ? theirs.tags : typed.tags,
    available: isSame(base, typed, 'available') ? theirs.available : typed.available,
  };
}

/** What somebody else has changed, in words. */
export function wordsOfChange(base: Draft, theirs: Draft): string {
  const words = {
    title: theirs.title === '' ? 'it has no title now' : `its title is now “${theirs.title}”`,
    tags: theirs.tags.length === 0 ? 'it has no tags now' : `its tags are now ${theirs.tags.join(', ')}`,
    available: theirs.available ? 'it is available now' : 'it is not available now',
  };
  const changed = FIELDS.filter((field) => !isSame(base, theirs, field)).map((field) => words[field]);
  return changed.length > 0 ? changed.join('; ') : 'none of these fields';
}
