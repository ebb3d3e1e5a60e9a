import type { Model, Schedule, TrainingRun } from '@sparserec/client';
import type { Counters } from '../../api/rates.js';
import type { Day } from '../../ui/days.js';
import { count, duration, percent, whole } from '../../ui/format.js';

/** Something that somebody should look at. */
export interface Matter {
  readonly text: string;
  /** The page to look at. */
  readonly page: string;
}

export interface Seen {
  readonly models: readonly Model[];
  readonly runs: readonly TrainingRun[];
  readonly schedules: readonly Schedule[];
  /** Interactions that are stored; null while it is not known. */
  readonly interactions: number | null;
  /** Interactions by day. */
  readonly days: readonly Day[];
  readonly queues: Counters['queues'];
  readonly now: number;
}

const LATE_MS = 60_000;
const LONG_WAIT_SECONDS = 60;
/** Share of the interactions that a model may not know of. */
const MOST_UNKNOWN = 0.05;

/** What needs attention, the most urgent first. */
export function mattersOf(seen: Seen): Matter[] {
  return [...runMatters(seen), ...scheduleMatters(seen), ...queueMatters(seen), ...modelMatters(seen)];
}

function runMatters({ runs }: Seen): Matter[] {
  const newest = runs.find(({ status }) => status !== 'queued' && status !== 'running');
  if (newest?.status !== 'failed') return [];
  const reason = newest.error ? `: ${newest.error.detail}` : '';
  return [{ text: `The last training run (${newest.model}) has failed${reason}`, page: 'training' }];
}

function scheduleMatters({ schedules, runs, now }: Seen): Matter[] {
  return schedules
    .filter(({ enabled }) => enabled)
    .flatMap(({ name, nextRunAt, lastOutcome }) => {
      const failed = runs.find(({ scheduleName }) => scheduleName === name)?.status === 'failed';
      const words = [
        ...(failed ? [`The last run of the schedule “${name}” has failed`] : []),
        ...(lastOutcome?.startsWith('never runs') ? [`The schedule “${name}” ${lastOutcome}`] : []),
        ...(nextRunAt !== null && now - Date.parse(nextRunAt) > LATE_MS
          ? [
              `The schedule “${name}” was due ${duration(now - Date.parse(nextRunAt))} ago, and no worker has come for it`,
            ]
          : []),
      ];
      return words.map((text) => ({ text, page: 'training' }));
    });
}

function queueMatters({ queues }: Seen): Matter[] {
  return queues
    .filter(({ oldestSeconds }) => oldestSeconds > LONG_WAIT_SECONDS)
    .map(({ queue, waiting, oldestSeconds }) => ({
      text: `${count(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'} in the queue “${queue}”, the oldest for ${duration(oldestSeconds * 1_000)}: is a worker running?`,
      page: 'training',
    }));
}

function modelMatters({ models, interactions, days }: Seen): Matter[] {
  if (interactions === null || interactions === 0) return [];
  const active = models.find(({ status }) => status === 'active');
  if (!active)
    return [{ text: 'No model is active: lists show what is popular. Train one.', page: 'training' }];
  // How much a model has not seen cannot be told by its numbers, which count pairs of likes.
  const trainedOn = active.createdAt.slice(0, 'YYYY-MM-DD'.length);
  const later = days.filter(({ date }) => date > trainedOn).reduce((sum, day) => sum + day.interactions, 0);
  const share = later / interactions;
  if (share < MOST_UNKNOWN) return [];
  const text = `The active model is older than its data: about ${whole(later)} interactions (${percent(share)}) are of later days. Train again.`;
  return [{ text, page: 'training' }];
}
