/** Which interactions of a user or an item are meant: those that meet all of it. All meet what is absent. */
export interface InteractionFilter {
  /** One of these items. */
  readonly itemIds?: readonly string[] | undefined;
  /** One of these types. */
  readonly types?: readonly string[] | undefined;
  /** Then or later. */
  readonly from?: Date | undefined;
  /** Before then. */
  readonly to?: Date | undefined;
}
