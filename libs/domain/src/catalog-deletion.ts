/** The receipt of a catalog's deletion. It outlives the catalog. */
export interface CatalogDeletion {
  readonly id: string;
  readonly catalogId: string;
  readonly requestedAt: Date;
  /** null until nothing of the catalog is left. */
  readonly finishedAt: Date | null;
  /** Rows that are gone so far. */
  readonly deleted: {
    readonly interactions: number;
    readonly users: number;
    readonly items: number;
    readonly models: number;
    readonly trainingRuns: number;
  };
}
