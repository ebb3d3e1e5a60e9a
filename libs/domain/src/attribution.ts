/** What became of the lists of one model. */
export interface Attribution {
  /** Lists that it has answered. */
  readonly recommendations: number;
  /** Stored interactions that named one of these lists, by type. */
  readonly interactions: readonly { readonly type: string; readonly count: number }[];
}
