import { draftOf, mergedDraft, patchOf, wordsOfChange } from '../src/pages/items/item-draft.js';

const ITEM = { title: 'Harbour', tags: ['drama'], available: true };

describe('the form of an item', () => {
  it('sends what was changed alone, and an empty title as none', () => {
    const base = draftOf(ITEM);
    expect(patchOf(base, base)).toEqual({});
    expect(patchOf(base, { ...base, title: ' ' })).toEqual({ title: null });
    expect(patchOf(base, { ...base, tags: [], available: false })).toEqual({ tags: [], available: false });
  });

  it('keeps what was typed over the changes of somebody else, and undoes none of theirs', () => {
    const base = draftOf(ITEM);
    const typed = { ...base, title: 'Mine' };
    const theirs = draftOf({ title: 'Theirs', tags: ['war'], available: true });
    const merged = mergedDraft(base, typed, theirs);
    expect(merged).toEqual({ title: 'Mine', tags: ['war'], available: true });
    expect(patchOf(theirs, merged)).toEqual({ title: 'Mine' });
    expect(wordsOfChange(base, theirs)).toBe('its title is now “Theirs”; its tags are now war');
  });
});
