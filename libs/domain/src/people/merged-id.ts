/** How long an id whose user was merged into another one names that one; after it a new user. */
export const MERGED_ID_DAYS = 30;

/** In place of what there is of an id that was merged: the user that it names. */
export class MergedInto {
  constructor(readonly userId: string) {}
}
