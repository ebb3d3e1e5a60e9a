import { Injectable } from '@nestjs/common';
import { modelRegistry } from '#models';

/**
 * What became of an attempt at a run: `unchanged` found an equal model, `superseded` found that another
 * worker has the run, `interrupted` gave it back.
 */
export type RunEnd = (typeof RUN_ENDS)[number];

const RUN_ENDS = ['succeeded', 'unchanged', 'failed', 'cancelled', 'superseded', 'interrupted'] as const;

/**
 * Runs of this process since its start. All ends of all kinds begin at 0: Prometheus sees no increase in a
 * series that begins with the first failure.
 */
@Injectable()
export class RunCounts {
  readonly #ends = new Map<string, Map<RunEnd, number>>(
    [...modelRegistry.keys()].map((kind) => [kind, new Map(RUN_ENDS.map((end) => [end, 0]))]),
  );
  readonly #stageMs = new Map<string, Map<string, number>>();

  noteEnd(kind: string, end: RunEnd): void {
    add(this.#ends, kind, end, 1);
  }

  /** @param timingsMs by stage */
  noteStages(kind: string, timingsMs: Readonly<Record<string, number>>): void {
    for (const [stage, ms] of Object.entries(timingsMs)) add(this.#stageMs, kind, stage, ms);
  }

  /** By kind, then by outcome. */
  get ends(): ReadonlyMap<string, ReadonlyMap<RunEnd, number>> {
    return this.#ends;
  }

  /** By kind, then by stage. */
  get stageMs(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#stageMs;
  }
}

function add<Name>(sums: Map<string, Map<Name, number>>, kind: string, name: Name, value: number): void {
  const ofKind = sums.get(kind) ?? new Map<Name, number>();
  sums.set(kind, ofKind.set(name, (ofKind.get(name) ?? 0) + value));
}
