/** Which of a user's interactions are meant: those that meet all of it; what is absent is met by all. */
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
