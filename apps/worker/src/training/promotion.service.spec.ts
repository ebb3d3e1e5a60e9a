import type { ModelsRepository, SchedulesRepository } from '#data';
import { DomainError } from '#domain';
import { aComparedKind, aModel, aRun, aSchedule } from '../testing/builders.js';
import { strictFake } from '../testing/strict-fake.js';
import { PromotionService } from './promotion.service.js';

describe('PromotionService', () => {
  const activate = jest.fn();
  const prune = jest.fn();
  const findActive = jest.fn();
  const load = jest.fn();
  const recordOutcome = jest.fn();
  const promotion = new PromotionService(
    strictFake<ModelsRepository>({ activate, prune, findActive }),
    strictFake<SchedulesRepository>({ load, recordOutcome }),
  );
  const outcome = () => recordOutcome.mock.lastCall?.[2] as string;

  beforeEach(() => {
    jest.resetAllMocks();
    load.mockResolvedValue(aSchedule());
  });

  describe('of a run that a person asked for', () => {
    it('activates the model and prunes old ones', async () => {
      await promotion.promote(aRun(), { model: aModel(), unchanged: false, leaderboard: null });
      expect(activate).toHaveBeenCalledWith('default', 'model-1');
      expect(prune).toHaveBeenCalledWith('default', 5, 'model-1');
    });

    it('leaves the model ready when activation was not asked for', async () => {
      await promotion.promote(aRun({ activate: false }), {
        model: aModel(),
        unchanged: false,
        leaderboard: null,
      });
      expect(activate).not.toHaveBeenCalled();
    });

    it('activates the equal model that existed', async () => {
      await promotion.promote(aRun(), {
        model: aModel({ status: 'archived' }),
        unchanged: true,
        leaderboard: null,
      });
      expect(activate).toHaveBeenCalledTimes(1);
      expect(prune).not.toHaveBeenCalled();
    });
  });

  describe('of a scheduled run', () => {
    const run = aRun({ scheduleName: 'nightly' });

    it('activates a model without a gate', async () => {
      await promotion.promote(run, { model: aModel(), unchanged: false, leaderboard: null });
      expect(activate).toHaveBeenCalledTimes(1);
      expect(outcome()).toBe('trained model model-1 and activated it');
    });

    it('leaves the model as it is when the data is unchanged', async () => {
      await promotion.promote(run, {
        model: aModel({ status: 'archived' }),
        unchanged: true,
        leaderboard: null,
      });
      expect(activate).not.toHaveBeenCalled();
      expect(outcome()).toBe('data unchanged since model model-1; trained nothing');
    });

    it('keeps a model ready that does not pass the gate, and says the numbers', async () => {
      load.mockResolvedValue(aSchedule({ gate: { metric: 'ndcg@20', minRatioToActive: 1 } }));
      const active = aModel({ id: 'old', metrics: { 'ndcg@20': { mean: 0.5, ci95: [0.5, 0.5] } } });
      findActive.mockResolvedValue(active);
      await promotion.promote(run, { model: aModel(), unchanged: false, leaderboard: null });
      expect(activate).not.toHaveBeenCalled();
      expect(outcome()).toBe(
        'trained model model-1; it stays ready: ndcg@20 0.4000 is below 1 × 0.5000 of the active model old',
      );
    });

    it('keeps a model ready when another kind is better beyond doubt, and says which', async () => {
      load.mockResolvedValue(aSchedule({ gate: { metric: 'ndcg@20', mustBeBestOf: 'leaderboard' } }));
      findActive.mockResolvedValue(null);
      const differenceToRun = { 'ndcg@20': { mean: 0.02, ci95: [0.01, 0.03] as const } };
      const leaderboard = [aComparedKind({ differenceToRun })];
      await promotion.promote(run, { model: aModel(), unchanged: false, leaderboard });
      expect(activate).not.toHaveBeenCalled();
      expect(outcome()).toBe(
        'trained model model-1; it stays ready: ndcg@20 of item-knn is 0.0200 higher on the same users (95 %: 0.0100 to 0.0300)',
      );
    });

    it('does not activate for a schedule that was deleted meanwhile', async () => {
      const gone = new DomainError('schedule-not-found', 'gone');
      load.mockRejectedValue(gone);
      recordOutcome.mockRejectedValue(gone);
      await promotion.promote(run, { model: aModel(), unchanged: false, leaderboard: null });
      expect(activate).not.toHaveBeenCalled();
    });

    it('says the same when it is repeated after the activation', async () => {
      await promotion.promote(run, {
        model: aModel({ status: 'active' }),
        unchanged: false,
        leaderboard: null,
      });
      expect(activate).not.toHaveBeenCalled();
      expect(outcome()).toBe('trained model model-1 and activated it');
    });
  });
});
