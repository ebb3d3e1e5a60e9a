import fc from 'fast-check';
import { issueRecommendationId, readRecommendationId } from './recommendation-id.js';

const RUNS = { seed: 6, numRuns: 500 };
const modelId = fc.option(fc.uuid(), { nil: null });
const now = fc.nat(2 ** 31 - 1).map((seconds) => seconds * 1_000 + 7);

describe('recommendation id', () => {
  it('carries the model and the time', () => {
    fc.assert(
      fc.property(modelId, now, (model, time) => {
        const id = issueRecommendationId(model, time);
        expect(id).toMatch(/^[\w-]{40}$/);
        expect(readRecommendationId(id)).toEqual({
          issuedAt: new Date(time),
          modelId: model,
          number: expect.any(Number),
        });
      }),
      RUNS,
    );
  });

  it('is never the same twice, within one millisecond too', () => {
    const ids = Array.from({ length: 1_000 }, () => issueRecommendationId(null, 1));
    expect(new Set(ids).size).toBe(1_000);
    expect(new Set(ids.map((id) => readRecommendationId(id)?.number)).size).toBe(1_000);
  });

  it('is refused with any character changed, cut off or added', () => {
    fc.assert(
      fc.property(
        modelId,
        now,
        fc.nat(39),
        fc.constantFrom('a', 'Z', '0', '9', '_', '-'),
        (model, time, place, letter) => {
          const id = issueRecommendationId(model, time);
          const changed = id.slice(0, place) + letter + id.slice(place + 1);
          if (changed !== id) expect(readRecommendationId(changed)).toBeNull();
          expect(readRecommendationId(id.slice(0, place))).toBeNull();
          expect(readRecommendationId(id + letter)).toBeNull();
        },
      ),
      RUNS,
    );
    for (const text of ['', ' ', '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11', '%'.repeat(40)])
      expect(readRecommendationId(text)).toBeNull();
  });
});
