import { SchedulesRepository, TrainingRunsRepository } from '@app/data';
import { DomainError, type Schedule, type TrainingRun } from '@app/domain';
import { TrainingQueue, type ScheduleTickJob } from '@app/queue';
import { Injectable, Logger } from '@nestjs/common';

/** What happens when a schedule is due. A tick that is delivered twice starts one run. */
@Injectable()
export class ScheduleTicksService {
  private readonly logger = new Logger(ScheduleTicksService.name);

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly runs: TrainingRunsRepository,
    private readonly queue: TrainingQueue,
  ) {}

  async tick({ catalogId, scheduleName }: ScheduleTickJob): Promise<void> {
    const schedule = await this.findEnabled(catalogId, scheduleName);
    if (schedule === null) return;
    const unfinished = await this.findUnfinishedRun(schedule);
    if (unfinished === null) await this.startRun(schedule);
    else await this.skip(schedule, unfinished);
  }

  private async startRun(schedule: Schedule): Promise<void> {
    const { catalogId, name: scheduleName, kind, parameters, gate } = schedule;
    const withLeaderboard = gate?.mustBeBestOf === 'leaderboard';
    const what = { catalogId, kind, parameters, withLeaderboard };
    const run = await this.runs.create({ ...what, activate: true, scheduleName });
    await this.schedules.recordOutcome(catalogId, scheduleName, `started run ${run.id}`);
    this.logger.log({ event: 'schedule.ticked', catalogId, scheduleName, runId: run.id });
    await this.enqueue(run.id);
  }

  private async skip(schedule: Schedule, { id: runId, status }: TrainingRun): Promise<void> {
    const { catalogId, name: scheduleName } = schedule;
    this.logger.log({ event: 'schedule.skipped', catalogId, scheduleName, runId });
    const outcome = `run ${runId} of this schedule is still ${status}; started nothing`;
    await this.schedules.recordOutcome(catalogId, scheduleName, outcome);
  }

  /** The reconciler puts the run into the queue when this cannot. */
  private async enqueue(runId: string): Promise<void> {
    try {
      await this.queue.enqueue(runId);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'queue-unavailable') throw error;
      this.logger.warn({ event: 'schedule.enqueue-postponed', runId });
    }
  }

  private async findEnabled(catalogId: string, scheduleName: string): Promise<Schedule | null> {
    try {
      const schedule = await this.schedules.load(catalogId, scheduleName);
      return schedule.enabled ? schedule : null;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'schedule-not-found') return null;
      throw error;
    }
  }

  private async findUnfinishedRun({ catalogId, name }: Schedule): Promise<TrainingRun | null> {
    const runs = await this.runs.findUnfinished();
    return runs.find((run) => run.catalogId === catalogId && run.scheduleName === name) ?? null;
  }
}
