/** What a user allows to be done with the own interactions: all of it, as long as nothing else was said. */
export interface Consent {
  /** Whether they are in the snapshots that models are trained on. */
  readonly training: boolean;
  /** Whether lists for the user are made from them. */
  readonly personal: boolean;
}
