import type { Model, RunLeaderboard } from '#domain';
import { aComparedKind, aModel } from '../testing/builders.js';
import { decideGate } from './activation-gate.js';

const GATE = { metric: 'ndcg@20', minRatioToActive: 0.95 };
const withNdcg = (id: string, mean: number) =>
  aModel({ id, metrics: { 'ndcg@20': { mean, ci95: [mean, mean] } } });

const against = (active: Model | null) => ({ active, leaderboard: null });

describe('decideGate', () => {
  it('passes when no model is active', () => {
    expect(decideGate(GATE, withNdcg('new', 0.1), against(null)).passed).toBe(true);
  });

  it('passes at exactly the wanted share', () => {
    expect(decideGate(GATE, withNdcg('new', 0.38), against(withNdcg('old', 0.4))).passed).toBe(true);
  });

  it('says the numbers when the model is not good enough', () => {
    const decision = decideGate(GATE, withNdcg('new', 0.3), against(withNdcg('old', 0.4)));
    expect(decision).toEqual({
      passed: false,
      reason: 'ndcg@20 0.3000 is below 0.95 × 0.4000 of the active model old',
    });
  });

  it('does not compare what only one of the models has', () => {
    const gate = { metric: 'recall@5', minRatioToActive: 1 };
    const rich = aModel({ id: 'rich', metrics: { 'recall@5': { mean: 1, ci95: [1, 1] } } });
    expect(decideGate(gate, rich, against(aModel())).reason).toBe('the active model model-1 has no recall@5');
    expect(decideGate(gate, aModel(), against(rich)).reason).toBe('the new model has no recall@5');
  });
});

describe('decideGate with a leaderboard', () => {
  const BEST_OF = { metric: 'ndcg@20', mustBeBestOf: 'leaderboard' } as const;
  const kind = (model: string, mean: number, ci95: [number, number]) =>
    aComparedKind({ model, differenceToRun: { 'ndcg@20': { mean, ci95 } } });
  const decide = (leaderboard: RunLeaderboard | null, gate = {}) =>
    decideGate({ ...BEST_OF, ...gate }, withNdcg('new', 0.3), { active: withNdcg('old', 0.4), leaderboard });
  const own = kind('ease', 0, [0, 0]);

  it('passes when no kind is better beyond doubt, even when one is better on average', () => {
    const rows = [own, kind('item-knn', 0.002, [-0.001, 0.005]), kind('popularity', -0.2, [-0.21, -0.19])];
    expect(decide(rows)).toMatchObject({ passed: true });
  });

  it('names the best of the kinds that are better, and by how much', () => {
    const rows = [kind('item-knn', 0.01, [0.004, 0.016]), own, kind('blend', 0.02, [0.0143, 0.0262])];
    expect(decide(rows)).toEqual({
      passed: false,
      reason: 'ndcg@20 of blend is 0.0200 higher on the same users (95 %: 0.0143 to 0.0262)',
    });
  });

  it('does not mind kinds that were left out', () => {
    expect(decide([own, { model: 'lightgcl', parameters: {}, leftOut: 'too slow' }]).passed).toBe(true);
  });

  it('asks for both conditions when both are given', () => {
    expect(decide([own], { minRatioToActive: 0.7 }).passed).toBe(true);
    expect(decide([own], { minRatioToActive: 1 }).reason).toMatch(
      /is below 1 × 0.4000 of the active model old/,
    );
    expect(decide([kind('item-knn', 0.01, [0.004, 0.016])], { minRatioToActive: 0.7 }).passed).toBe(false);
  });

  it('does not pass what was not compared', () => {
    expect(decide(null)).toEqual({ passed: false, reason: 'the run compared no other kinds' });
    expect(decide([own], { metric: 'recall@5' }).reason).toBe('the leaderboard has no recall@5');
  });
});
