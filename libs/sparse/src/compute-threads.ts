import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './compute-thread.js';
import { reviveError, SparseError } from './errors.js';
import { loadKernels, type Kernels } from './kernels.js';

/** One piece of work, to be done after the tasks whose positions are in `after`. */
export interface Task<Args> {
  readonly args: Args;
  /** Share of the whole, for the progress. */
  readonly cost: number;
  readonly after: readonly number[];
}

/** What one thread holds while it works on an operation. */
export interface Session<Args, Result> {
  run(args: Args): Result;
  /** Frees what the session holds. @returns what it has gathered over all its tasks */
  close(): unknown;
}

/** A kind of work that threads can do; `name` is its entry in `operations.ts`. */
export interface Operation<Shared, Args, Result> {
  readonly name: string;
  open(kernels: Kernels, shared: Shared): Session<Args, Result>;
}

export interface RunOptions<Result> {
  readonly onResult?: (result: Result, position: number) => void;
  /** Called with a share from 0 to 1 that never falls. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** A thread has one task at work and one waiting, so that it never waits for the next one to come. */
const TASKS_PER_THREAD = 2;

/** Tests run the source, but a thread needs compiled code: the build's. */
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/libs/sparse/src/compute-thread.js' : './compute-thread.js',
  import.meta.url,
);

/**
 * Compute threads, each with a small WebAssembly instance of its own. Which thread does a task changes no result: sums
 * have an order within a task, and tasks that touch the same memory are ordered by `after`. With one thread the work is
 * done by the caller's own.
 */
export class ComputeThreads {
  readonly count: number;
  readonly kernels: Kernels;
  #workers: Worker[] = [];

  constructor(options: { readonly threads?: number; readonly kernels?: Kernels } = {}) {
    this.count = options.threads ?? availableParallelism();
    this.kernels = options.kernels ?? loadKernels();
  }

  /**
   * Does all tasks and returns what each session gathered.
   *
   * @throws the first error of a task, or SparseError when a thread stopped; the threads are then gone, and their memory
   */
  async run<Shared, Args, Result>(
    operation: Operation<Shared, Args, Result>,
    shared: Shared,
    tasks: readonly Task<Args>[],
    options: RunOptions<Result> = {},
  ): Promise<unknown[]> {
    const agenda = new Agenda(tasks, options);
    if (this.count === 1 || tasks.length < 2)
      return [this.#runHere(operation.open(this.kernels, shared), agenda)];
    try {
      const workers = this.#start(Math.min(this.count, tasks.length));
      return await Promise.all(
        workers.map((worker) => this.#runIn(worker, workers, operation.name, shared, agenda)),
      );
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Ends all threads, whatever they are doing. */
  close(): void {
    for (const worker of this.#workers.splice(0)) void worker.terminate();
  }

  #runHere<Args, Result>(session: Session<Args, Result>, agenda: Agenda<Args, Result>): unknown {
    let gathered: unknown;
    try {
      for (let next = agenda.take(); next; next = agenda.take())
        agenda.finish(next.position, session.run(next.args));
    } finally {
      gathered = session.close();
    }
    return gathered;
  }

  #start(count: number): Worker[] {
    while (this.#workers.length < count) this.#workers.push(new Worker(SCRIPT));
    return this.#workers.slice(0, count);
  }

  /** Keeps one thread busy until all tasks are done. */
  #runIn<Args, Result>(
    worker: Worker,
    all: readonly Worker[],
    name: string,
    shared: unknown,
    agenda: Agenda<Args, Result>,
  ): Promise<unknown> {
    const send = (message: ToThread) => worker.postMessage(message);
    return new Promise((resolve, reject) => {
      let pending = 0;
      let closing = false;
      const feed = () => {
        while (pending < TASKS_PER_THREAD && (pending === 0 || agenda.numReady >= all.length)) {
          const next = agenda.take();
          if (!next) break;
          pending++;
          send(next);
        }
        if (!closing && pending === 0 && agenda.isDone) {
          closing = true;
          send({ close: true });
        }
      };
      const listeners = {
        message: (message: FromThread) => {
          if ('error' in message) settle(() => reject(reviveError(message.error)));
          else if ('closed' in message) settle(() => resolve(message.closed));
          else {
            pending--;
            agenda.finish(message.position, message.result as Result);
          }
        },
        error: (cause: Error) =>
          settle(() => reject(new SparseError(`a compute thread failed: ${cause.message}`))),
        exit: (code: number) =>
          settle(() => reject(new SparseError(`a compute thread stopped with code ${code}`))),
      };
      const settle = (act: () => void) => {
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
        agenda.onChange.delete(feed);
        act();
      };
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      agenda.onChange.add(feed);
      send({ open: name, kernel: this.kernels.name, shared });
      feed();
    });
  }
}

/** Which tasks may start, in their order, and how much is done. */
class Agenda<Args, Result> {
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
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ready[middle]! > position) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, position);
  }
}
