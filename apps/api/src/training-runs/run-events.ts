import { Injectable, type MessageEvent } from '@nestjs/common';
import {
  concat,
  concatMap,
  distinctUntilChanged,
  filter,
  from,
  interval,
  map,
  merge,
  Observable,
  of,
  takeUntil,
  takeWhile,
} from 'rxjs';
import { ChangeFeed, TrainingRunsRepository } from '#data';
import { DomainError, isFinished, type TrainingRun } from '#domain';
import { Draining } from '../draining/draining.js';
import { toRunReply } from './dto/training-runs.dto.js';

/** Keeps proxies from closing a silent stream, and makes up for a change that was missed. */
const REREAD_MS = 5_000;

/**
 * Runs as server-sent events: how it stands now, every change, and the end of the run or
 * of this process's work.
 */
@Injectable()
export class RunEvents {
  constructor(
    private readonly runs: TrainingRunsRepository,
    private readonly feed: ChangeFeed,
    private readonly draining: Draining,
  ) {}

  follow(run: TrainingRun): Observable<MessageEvent> {
    const wakes = merge(this.#changesOf(run.id), interval(REREAD_MS));
    const reread = wakes.pipe(
      concatMap(() => from(this.runs.load(run.catalogId, run.id).catch(whyNot))),
      takeWhile((next) => next !== 'gone'),
      filter((next) => next !== null),
      takeUntil(this.draining.begun),
    );
    return concat(of(run), reread).pipe(
      takeWhile(({ status }) => !isFinished(status), true),
      map((next) => ({ type: next.status, data: toRunReply(next) })),
      distinctUntilChanged((a, b) => JSON.stringify(a.data) === JSON.stringify(b.data)),
    );
  }

  #changesOf(runId: string): Observable<void> {
    return new Observable((subscriber) =>
      this.feed.subscribe({
        onChange: (change) => {
          if (change.kind === 'run-changed' && change.runId === runId) subscriber.next();
        },
        onResync: () => subscriber.next(),
      }),
    );
  }
}

/** A run goes with its catalog; anything else passes. */
function whyNot(error: unknown): 'gone' | null {
  return error instanceof DomainError && error.code === 'training-run-not-found' ? 'gone' : null;
}
