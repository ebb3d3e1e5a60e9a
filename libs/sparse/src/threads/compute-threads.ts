import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { reviveError, SparseError } from '../errors.js';
import { loadKernels, type Kernels } from '../wasm/kernels.js';
import { Agenda } from './agenda.js';
import type { Operation, RunOptions, Session, Task } from './operation.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** A thread has one task at work and one waiting, so that it never waits for the next one to come. */
const TASKS_PER_THREAD = 2;

/** Tests run the source, but a thread needs compiled code: the build's. */
const SCRIPT = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../../../dist/libs/sparse/src/threads/compute-thread.js'
    : './compute-thread.js',
  import.meta.url,
);

/**
 * Compute threads, each with a small WebAssembly instance of its own. Which thread does a task changes no
 * result: sums have an order within a task, and tasks that touch the same memory are ordered by `after`. With
 * one thread the work is done by the caller's own.
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
   * @throws the first error of a task, or SparseError when a thread stopped; the threads are then
   * gone, and their memory
   */
  async run<Shared, Args, Result>(
    operation: Operation<Shared, Args, Result>,
    shared: Shared,
    tasks: readonly Task<Args>[],
    options: RunOptions<Result> = {},
  ): Promise<unknown[]> {
    const opened = new OpenOperation(this, operation, shared, Math.min(this.count, tasks.length));
    try {
      await opened.run(tasks, options);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened.close();
  }

  /** An operation for several runs: what its sessions hold stays in the threads until its `close`. */
  open<Shared, Args, Result>(
    operation: Operation<Shared, Args, Result>,
    shared: Shared,
  ): OpenOperation<Shared, Args, Result> {
    return new OpenOperation(this, operation, shared, this.count);
  }

  /** Ends all threads, whatever they are doing. */
  close(): void {
    for (const worker of this.#workers.splice(0)) void worker.terminate();
  }

  /** The first threads, started if need be. @internal */
  workers(count: number): readonly Worker[] {
    while (this.#workers.length < count) this.#workers.push(new Worker(SCRIPT));
    return this.#workers.slice(0, count);
  }

  /** Whether a thread was not ended meanwhile. @internal */
  has(worker: Worker): boolean {
    return this.#workers.includes(worker);
  }
}

let lastSession = 0;

/** The sessions of one operation, one a thread, each opened with the first task that comes to its thread. */
export class OpenOperation<Shared, Args, Result> {
  readonly #session = ++lastSession;
  readonly #holders = new Set<Worker>();
  #here: Session<Args, Result> | undefined;

  /** With fewer than two threads all is done on the caller's own. */
  constructor(
    private readonly threads: ComputeThreads,
    private readonly operation: Operation<Shared, Args, Result>,
    private readonly shared: Shared,
    private readonly numThreads: number,
  ) {}

  /**
   * Does all tasks; one run at a time.
   *
   * @throws the first error of a task, or SparseError when a thread stopped; the threads are then
   * gone, and their memory
   */
  async run(tasks: readonly Task<Args>[], options: RunOptions<Result> = {}): Promise<void> {
    const agenda = new Agenda(tasks, options);
    if (this.numThreads < 2) {
      this.#runHere(agenda);
      return;
    }
    try {
      const workers = this.threads.workers(this.numThreads);
      await Promise.all(workers.map((worker) => this.#runIn(worker, workers.length, agenda)));
    } catch (error) {
      this.threads.close();
      throw error;
    }
  }

  /** Frees what the sessions hold. @returns what each has gathered */
  async close(): Promise<unknown[]> {
    const holders = [...this.#holders].filter((worker) => this.threads.has(worker));
    this.#holders.clear();
    const here = this.#here;
    this.#here = undefined;
    if (here) return [here.close()];
    return Promise.all(
      holders.map((worker) => {
        const closed = this.#hear<unknown>(worker, (answer, done) => {
          if (answer && 'closed' in answer) done(answer.closed);
        });
        this.#send(worker, { close: true });
        return closed;
      }),
    );
  }

  #runHere(agenda: Agenda<Args, Result>): void {
    this.#here ??= this.operation.open(this.threads.kernels, this.shared);
    for (let next = agenda.take(); next; next = agenda.take())
      agenda.finish(next.position, this.#here.run(next.args));
  }

  /** Keeps one thread busy until all tasks are done. */
  async #runIn(worker: Worker, numWorkers: number, agenda: Agenda<Args, Result>): Promise<void> {
    if (!this.#holders.has(worker)) {
      this.#holders.add(worker);
      const { operation, shared } = this;
      this.#send(worker, { open: operation.name, kernel: this.threads.kernels.name, shared });
    }
    let pending = 0;
    let finish = (): void => undefined;
    const feed = () => {
      while (pending < TASKS_PER_THREAD && (pending === 0 || agenda.numReady >= numWorkers)) {
        const next = agenda.take();
        if (!next) break;
        pending++;
        this.#send(worker, next);
      }
      if (pending === 0 && agenda.isDone) finish();
    };
    agenda.onChange.add(feed);
    try {
      await this.#hear<undefined>(worker, (answer, done) => {
        finish = () => {
          done(undefined);
        };
        if (!answer) feed();
        else if ('position' in answer) {
          pending--;
          agenda.finish(answer.position, answer.result as Result);
        }
      });
    } finally {
      agenda.onChange.delete(feed);
    }
  }

  #send(worker: Worker, message: ToThread['message']): void {
    worker.postMessage({ session: this.#session, message } satisfies ToThread);
  }

  /**
   * Hears what a thread answers to this operation, first nothing, until `done`; rejects with an
   * error of the thread.
   */
  #hear<Value>(
    worker: Worker,
    onAnswer: (answer: FromThread['message'] | undefined, done: (value: Value) => void) => void,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const done = (value: Value) => settle(() => resolve(value));
      const fail = (reason: string) => settle(() => reject(new SparseError(reason)));
      const listeners = {
        message: ({ session, message }: FromThread) => {
          if (session !== this.#session) return;
          if ('error' in message) settle(() => reject(reviveError(message.error)));
          else onAnswer(message, done);
        },
        error: (cause: Error) => fail(`a compute thread failed: ${cause.message}`),
        exit: (code: number) => fail(`a compute thread stopped with code ${code}`),
      };
      const settle = (act: () => void) => {
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
        act();
      };
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      onAnswer(undefined, done);
    });
  }
}
