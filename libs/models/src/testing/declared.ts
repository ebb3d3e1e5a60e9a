/** What a kind is said to do; the suite fails where it does not, and where it does what it is said not to. */
export interface Declared {
  /** Its scores depend on the history, so that it finds far more held-out items than popularity does. */
  readonly isPersonal: boolean;
  /** Every score has parts. */
  readonly explains: boolean;
  readonly embeds: boolean;
  readonly lends: boolean;
  readonly ranksAllAtOnce: boolean;
  /** Least NDCG@10 on held-out items of `fiveTastes`, close to what it is. */
  readonly ndcg: number;
}

/** What all kinds do that score by item-to-item weights. */
export const LINEAR = { isPersonal: true, explains: true, embeds: false, lends: true, ranksAllAtOnce: true };
