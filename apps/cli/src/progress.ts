import { SingleBar } from 'cli-progress';
import type { EpochReport } from '#models';

/** Work shorter than this shows nothing. */
const PATIENCE_MS = 2_000;
const LINE_EVERY_MS = 2_000;

/** Shows the share of long work on standard error: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #started = performance.now();
  #bar: SingleBar | null = null;
  #lastLine = this.#started;

  /** @param showsTimeLeft for work whose parts all take about as long */
  constructor(
    private readonly label: string,
    private readonly showsTimeLeft = false,
  ) {}

  readonly report = (fraction: number): void => {
    const now = performance.now();
    if (now - this.#started < PATIENCE_MS) return;
    if (process.stderr.isTTY) this.#showBar(fraction);
    else if (now - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = now;
      process.stderr.write(`${this.label}: ${Math.floor(fraction * 100)} %${this.#timeLeft(fraction)}\n`);
    }
  };

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  #timeLeft(fraction: number): string {
    if (!this.showsTimeLeft || fraction <= 0) return '';
    const seconds = ((performance.now() - this.#started) * (1 - fraction)) / fraction / 1_000;
    return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
  }

  #showBar(fraction: number): void {
    if (!this.#bar) {
      this.#bar = new SingleBar({
        format: `${this.label} [{bar}] {percentage} %{left}`,
        stream: process.stderr,
        hideCursor: true,
      });
      this.#bar.start(1_000, 0, { left: '' });
    }
    this.#bar.update(Math.floor(fraction * 1_000), { left: this.#timeLeft(fraction) });
  }
}

/** Shows a fit and the evaluation that follows it, as `measureKind` reports them. */
export class FitProgress {
  #current: Progress;

  constructor(private readonly prefix = '') {
    this.#current = new Progress(`${prefix}fitting`);
  }

  readonly onFitting = (fraction: number): void => this.#current.report(fraction);

  readonly onFitted = (): void => {
    this.stop();
    this.#current = new Progress(`${this.prefix}evaluating`);
  };

  readonly onEvaluating = (fraction: number): void => this.#current.report(fraction);

  stop(): void {
    this.#current.stop();
  }
}

/** One line an epoch on standard error. */
export function printEpoch({ phase, epoch, loss, validation, durationMs }: EpochReport): void {
  const measured = validation === undefined ? '' : `  validation NDCG@20 ${validation.toFixed(4)}`;
  const took = `${Math.round(durationMs)} ms`;
  process.stderr.write(`${phase}  epoch ${epoch}  loss ${loss.toFixed(4)}  ${took}${measured}\n`);
}
