import { lowerBound } from '../lower-bound.js';
import type { RunOptions, Task } from './operation.js';

/** Which tasks may start, in their order, and how much is done. */
export class Agenda<Args, Result> {
  /** Called whenever a task has ended. */
  readonly onChange = new Set<() => void>();
  readonly #waitingFor: number[];
  readonly #dependents: number[][];
  /** Positions, highest first, so that the next one is at the end. */
  readonly #ready: number[] = [];
  readonly #totalCost: number;
  #doneCost = 0;
  #numDone = 0;

  constructor(
    readonly tasks: readonly Task<Args>[],
    readonly options: RunOptions<Result>,
  ) {
    this.#waitingFor = tasks.map(({ after }) => after.length);
    this.#dependents = tasks.map(() => []);
    this.#totalCost = tasks.reduce((sum, { cost }) => sum + cost, 0);
    tasks.forEach(({ after }, position) =>
      after.forEach((earlier) => this.#dependents[earlier]!.push(position)),
    );
    for (let position = tasks.length - 1; position >= 0; position--)
      if (this.#waitingFor[position] === 0) this.#ready.push(position);
  }

  get isDone(): boolean {
    return this.#numDone === this.tasks.length;
  }

  get numReady(): number {
    return this.#ready.length;
  }

  take(): { readonly position: number; readonly args: Args } | undefined {
    const position = this.#ready.pop();
    return position === undefined ? undefined : { position, args: this.tasks[position]!.args };
  }

  finish(position: number, result: Result): void {
    this.#numDone++;
    this.#doneCost += this.tasks[position]!.cost;
    for (const dependent of this.#dependents[position]!)
      if (--this.#waitingFor[dependent]! === 0) this.#makeReady(dependent);
    this.options.onResult?.(result, position);
    this.options.onProgress?.(this.isDone ? 1 : this.#doneCost / this.#totalCost);
    for (const notify of this.onChange) notify();
  }

  #makeReady(position: number): void {
    const place = lowerBound(0, this.#ready.length, (at) => this.#ready[at]! > position);
    this.#ready.splice(place, 0, position);
  }
}
