import { issueRecommendationId } from '@app/domain';
import type { AnswerCounts } from '../serving/answer-counts.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import { userQuery } from './dto/recommendation.dto.js';
import { isRepeatable, KeptAnswers, MAX_KEPT_BYTES, type Ground } from './kept-answers.js';
import type { KeyedHistory } from './keyed-history.js';

const MODEL = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';

/** One answer that was kept, and what has to be as it was for it to be found. */
class Kept {
  readonly request = userQuery.parse({});
  readonly history: KeyedHistory = { itemKeys: Int32Array.of(1), values: Float32Array.of(1) };
  readonly items = { revision: 3 };
  readonly active = { model: { id: MODEL } };
  readonly add = jest.fn();
  readonly answers = new KeptAnswers({ add: this.add } as unknown as AnswerCounts);
  readonly id = issueRecommendationId(MODEL);

  /** @param title of any length and alphabet, before and after the id */
  text(title: string, id = this.id): string {
    return JSON.stringify({ title, recommendationId: id, unknownItems: [title] });
  }

  keep(title: string, modelId: string | null = MODEL): void {
    const ground = {
      items: this.items,
      revision: this.items.revision,
      active: this.active,
    } as unknown as Ground;
    const reply = { items: [], exact: true, modelId, recommendationId: this.id } as const;
    this.answers.keep(this.history, this.request, {
      ground,
      reply: { ...reply, items: [] },
      text: this.text(title),
    });
  }

  find({ active = this.active, items = this.items, request = this.request, history = this.history } = {}) {
    return this.answers.find({ id: 'default', items, active } as unknown as ServingCatalog, history, request);
  }
}

describe('kept answers', () => {
  it.each(['plain', 'ä ☃ "quoted" 🎬'])('are the same bytes with another id each time (%s)', (title) => {
    const kept = new Kept();
    kept.keep(title);
    const texts = [kept.find()!, kept.find()!].map((bytes) => bytes.toString());
    const ids = texts.map((text) => (JSON.parse(text) as { recommendationId: string }).recommendationId);
    expect(texts).toEqual(ids.map((id) => kept.text(title, id)));
    expect(new Set([kept.id, ...ids]).size).toBe(3);
    expect(kept.add.mock.calls).toEqual([[MODEL], [MODEL]]);
  });

  it('are not found after anything has changed', () => {
    const kept = new Kept();
    kept.keep('plain');
    expect(kept.find({ active: { ...kept.active } })).toBeNull();
    expect(kept.find({ items: { ...kept.items } })).toBeNull();
    expect(kept.find({ request: { ...kept.request } })).toBeNull();
    expect(kept.find({ history: { ...kept.history } })).toBeNull();
    kept.items.revision++;
    expect(kept.find()).toBeNull();
    expect(kept.add).not.toHaveBeenCalled();
  });

  it('are none for long ones, nor where the model changed meanwhile', () => {
    const kept = new Kept();
    kept.keep('x'.repeat(MAX_KEPT_BYTES));
    expect(kept.find()).toBeNull();
    kept.keep('☃'.repeat(MAX_KEPT_BYTES / 6));
    expect(kept.find()).toBeNull();
    kept.keep('plain', null);
    expect(kept.find()).toBeNull();
  });

  it.each([
    [{}, true],
    [{ k: '7', exclude: 'item-1', minScore: '0.1', explain: 'true', fields: 'title' }, true],
    [{ fields: 'tags' }, false],
    [{ fields: ['title', 'metadata'] }, false],
    [{ filter: '{"tags":{"any":["Drama"]}}' }, false],
    [{ boost: 'score * ageDays' }, false],
    [{ rotation: '0.5' }, false],
    [{ paging: 'true' }, false],
    [{ cursor: 'abc' }, false],
  ])('are for requests that depend on nothing else: %j', (query, expected) => {
    expect(isRepeatable(userQuery.parse(query))).toBe(expected);
  });
});
