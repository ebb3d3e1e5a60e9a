import { aModel } from '../testing/builders.js';
import { decideGate } from './activation-gate.js';

const GATE = { metric: 'ndcg@20', minRatioToActive: 0.95 };
const withNdcg = (id: string, mean: number) =>
  aModel({ id, metrics: { 'ndcg@20': { mean, ci95: [mean, mean] } } });

describe('decideGate', () => {
  it('passes when no model is active', () => {
    expect(decideGate(GATE, withNdcg('new', 0.1), null).passed).toBe(true);
  });

  it('passes at exactly the wanted share', () => {
    expect(decideGate(GATE, withNdcg('new', 0.38), withNdcg('old', 0.4)).passed).toBe(true);
  });

  it('says the numbers when the model is not good enough', () => {
    const decision = decideGate(GATE, withNdcg('new', 0.3), withNdcg('old', 0.4));
    expect(decision).toEqual({
      passed: false,
      reason: 'ndcg@20 0.3000 is below 0.95 × 0.4000 of the active model old',
    });
  });

  it('does not compare what only one of the models has', () => {
    const gate = { metric: 'recall@5', minRatioToActive: 1 };
    const rich = aModel({ id: 'rich', metrics: { 'recall@5': { mean: 1, ci95: [1, 1] } } });
    expect(decideGate(gate, rich, aModel()).reason).toBe('the active model model-1 has no recall@5');
    expect(decideGate(gate, aModel(), rich).reason).toBe('the new model has no recall@5');
  });
});
