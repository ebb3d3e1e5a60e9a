import { Injectable } from '@nestjs/common';
import { ModelsRepository, SchedulesRepository } from '#data';
import { DomainError, type Model, type RunLeaderboard, type Schedule, type TrainingRun } from '#domain';
import { lateNote } from '../scheduling/tick-outcome.js';
import { decideGate } from './activation-gate.js';

/** Models of a catalog that are kept for a return to an older one. */
const KEPT_MODELS = 5;

/** A run's model: its own, or an equal one that existed. */
export interface RunResult {
  readonly model: Model;
  readonly unchanged: boolean;
  /** All kinds beside this model, where the run was asked to compare them. */
  readonly leaderboard: RunLeaderboard | null;
}

/** Decides what becomes of a run's model, and tells the schedule that asked for it. Safe to repeat. */
@Injectable()
export class PromotionService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly schedules: SchedulesRepository,
  ) {}

  async promote(run: TrainingRun, result: RunResult): Promise<void> {
    if (run.scheduleName === null) await this.#activateIfAsked(run, result.model);
    else await this.recordOutcome(run, await this.#promoteScheduled(run, run.scheduleName, result));
    if (!result.unchanged) await this.models.prune(run.catalogId, KEPT_MODELS, result.model.id);
  }

  /** Keeps `outcome` with the schedule behind `run`, if there is one and it still exists. */
  async recordOutcome(run: TrainingRun, outcome: string): Promise<void> {
    if (run.scheduleName === null) return;
    try {
      const words = `${outcome}${lateNote(run.dueAt, run.createdAt)}`;
      await this.schedules.recordOutcome(run.catalogId, run.scheduleName, words);
    } catch (error) {
      if (!isScheduleNotFound(error)) throw error;
    }
  }

  async #activateIfAsked(run: TrainingRun, model: Model): Promise<void> {
    if (run.activate && model.status !== 'active') await this.models.activate(run.catalogId, model.id);
  }

  /** An unchanged model is left as it is: someone may have gone back to an older one on purpose. */
  async #promoteScheduled(
    run: TrainingRun,
    scheduleName: string,
    { model, unchanged, leaderboard }: RunResult,
  ): Promise<string> {
    if (unchanged) return `data unchanged since model ${model.id}; trained nothing`;
    if (model.status === 'active') return `trained model ${model.id} and activated it`;
    const schedule = await this.#findSchedule(run.catalogId, scheduleName);
    if (schedule === null || !run.activate) return `trained model ${model.id}; it stays ready`;
    const reason = await this.#findObjection(schedule, model, leaderboard);
    if (reason !== null) return `trained model ${model.id}; it stays ready: ${reason}`;
    await this.models.activate(run.catalogId, model.id);
    return `trained model ${model.id} and activated it`;
  }

  async #findObjection(
    schedule: Schedule,
    model: Model,
    leaderboard: RunLeaderboard | null,
  ): Promise<string | null> {
    if (schedule.gate === null) return null;
    const active = await this.models.findActive(schedule.catalogId);
    const decision = decideGate(schedule.gate, model, { active, leaderboard });
    return decision.passed ? null : decision.reason;
  }

  async #findSchedule(catalogId: string, name: string): Promise<Schedule | null> {
    try {
      return await this.schedules.load(catalogId, name);
    } catch (error) {
      if (isScheduleNotFound(error)) return null;
      throw error;
    }
  }
}

function isScheduleNotFound(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'schedule-not-found';
}
