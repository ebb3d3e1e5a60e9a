/** Everything is bounded: the maxima that requests, imports and answers share. */
export const LIMITS = {
  /** API keys, revoked ones included; each process has all of them in memory. */
  keys: 10_000,
  keyNameLength: 100,
  interactionsPerRequest: 10_000,
  itemsPerRequest: 1_000,
  /** Items of which one call deletes a user's interactions by name. */
  filteredItems: 100,
  /** Refused rows of one batch that are named. */
  refusedRows: 1_000,
  basketItems: 1_000,
  /** Jobs that make the lists of all users, finished ones included. */
  listJobsPerCatalog: 10,
  /** Users and baskets of one call. */
  listsPerRequest: 1_000,
  /**
   * Most recent distinct items of a user that a model looks at; of older ones a list only knows
   * that they were seen.
   */
  historyItems: 1_000,
  k: 1_000,
  /** Longest list that can be made diverse: each item in it asks the model for what is similar. */
  diverseK: 200,
  /** Items that one call puts in order. */
  candidates: 1_000,
  /** Items that one request may keep out of its list. */
  excludedItems: 1_000,
  /** Items that one request may put on places of their own. */
  pins: 50,
  /** Past items that one request may leave out of account. */
  withoutItems: 100,
  /** Magnitude of a score that a request may name. */
  score: 1e9,
  /** Fields that one filter may name. */
  filterFields: 20,
  /** Items that one filter may name. */
  filterItems: 1_000,
  /** Values that one condition of a filter may name. */
  filterValues: 100,
  /**
   * Characters of a text that a filter can find; longer ones in an item's metadata are
   * never equal to anything.
   */
  filterTextLength: 256,
  tagsPerItem: 64,
  tagLength: 128,
  titleLength: 1_024,
  metadataBytes: 16_384,
  /** Objects and lists inside of each other. */
  metadataDepth: 32,
  interactionTypeLength: 64,
  interactionTypesPerCatalog: 64,
  pageSize: 500,
  weight: 1e6,
} as const;

/** Interactions are between these instants; anything else is a mistake of units or of the clock. */
export const EARLIEST_OCCURRED_AT = new Date('1900-01-01T00:00:00.000Z');
export const LATEST_OCCURRED_AT = new Date('2200-01-01T00:00:00.000Z');
