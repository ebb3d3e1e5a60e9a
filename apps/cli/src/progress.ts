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
    const percent = `${Math.floor(fraction * 100)} %`;
    this.#show(fraction, `${percent}${this.#timeLeft(fraction)}`);
  };

  /** For work of which nothing is known until it is done. */
  readonly reportTime = (): void => {
    this.#show(null, `${Math.floor((performance.now() - this.#started) / 1_000)} s so far`);
  };

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  /** @param fraction null when it is not known */
  #show(fraction: number | null, text: string): void {
    const now = performance.now();
    if (now - this.#started < PATIENCE_MS) return;
    if (process.stderr.isTTY) this.#showBar(fraction ?? 0, text);
    else if (now - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = now;
      process.stderr.write(`${this.label}: ${text}\n`);
    }
  }

  #timeLeft(fraction: number): string {
    if (!this.showsTimeLeft || fraction <= 0) return '';
    const seconds = ((performance.now() - this.#started) * (1 - fraction)) / fraction / 1_000;
    return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
  }

  #showBar(fraction: number, text: string): void {
    if (!this.#bar) {
      this.#bar = new SingleBar({
        format: `${this.label} [{bar}] {text}`,
        stream: process.stderr,
        hideCursor: true,
      });
      this.#bar.start(1_000, 0, { text });
    }
    this.#bar.update(Math.floor(fraction * 1_000), { text });
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
