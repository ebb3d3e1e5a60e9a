import type { ModelBreadth } from './breadth.js';
import type { Metrics } from './metrics.js';
import type { ModelParameters } from './model-parameters.js';

export type ModelStatus = 'ready' | 'active' | 'archived';

/** An immutable version made by a finished run. */
export interface Model {
  readonly id: string;
  readonly catalogId: string;
  readonly runId: string;
  readonly kind: string;
  readonly parameters: ModelParameters;
  readonly status: ModelStatus;
  readonly metrics: Metrics;
  /** Popularity on the same split, beside which every figure is read. */
  readonly baseline: Metrics;
  /** Users whose lists the figures are of: all with held-out items, or 20,000; null: nobody counted them. */
  readonly measuredUsers: number | null;
  /** Null: its release did not measure it. */
  readonly breadth: ModelBreadth | null;
  readonly snapshotHash: string;
  readonly codeVersion: string;
  readonly kernel: string;
  /** Of the worker; null: an earlier release has made the model. */
  readonly nodeVersion: string | null;
  /** Of the server that its snapshot was read from; null: an earlier release has made the model. */
  readonly postgresVersion: string | null;
  readonly numUsers: number;
  readonly numItems: number;
  readonly numInteractions: number;
  readonly artifactBytes: number;
  /** CRC-32 of the whole artifact. */
  readonly artifactChecksum: number;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
}
