import type { ImportProgress } from '#data';
import { Progress } from '../progress.js';

const LABELS = {
  reading: 'reading into the database',
  sorting: 'sorting rows',
  storing: 'storing rows',
} as const;
const TELL_EVERY_MS = 1_000;

/** How many rows each phase of an import has. */
export interface RowsOfPhases {
  readonly reading: number;
  readonly storing: number;
}

/** Shows each phase of an import, the one too of which nothing is known until it is done. */
export class ShownImport {
  #phase: ImportProgress['phase'] = 'reading';
  #progress = new Progress(LABELS.reading, true);
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly rows: RowsOfPhases) {}

  readonly onProgress = ({ phase, rows }: ImportProgress): void => {
    if (phase !== this.#phase) this.#begin(phase);
    if (phase !== 'sorting') this.#progress.report(Math.min(1, rows / this.rows[phase]));
  };

  stop(): void {
    clearInterval(this.#timer);
    this.#progress.stop();
  }

  #begin(phase: ImportProgress['phase']): void {
    this.stop();
    this.#phase = phase;
    this.#progress = new Progress(LABELS[phase], true);
    if (phase === 'sorting') this.#timer = setInterval(this.#progress.reportTime, TELL_EVERY_MS);
  }
}
