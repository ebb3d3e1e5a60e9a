import { startSpan, traceHeaders, type Span } from '#tracing';
import type { ComputeStage } from './training-task.js';

/** A span of each stage of a compute thread: from the first that is heard of it to the first of the next. */
export class StageSpans {
  readonly #parent = traceHeaders();
  #stage: ComputeStage | null = null;
  #span: Span | null = null;

  enter(stage: ComputeStage): void {
    if (!this.#parent || stage === this.#stage) return;
    this.#span?.end();
    this.#stage = stage;
    this.#span = startSpan(`training ${stage}`, { parent: this.#parent });
  }

  end(): void {
    this.#span?.end();
    this.#span = null;
  }
}
