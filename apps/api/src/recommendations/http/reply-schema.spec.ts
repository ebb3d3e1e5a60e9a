import fc from 'fast-check';
import { fastify } from 'fastify';
import { SHORTFALLS } from '#ranking';
import type { RecommendationReply } from './dto/recommendation.dto.js';
import { REPLY_SCHEMA } from './reply-schema.js';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const item = fc.record({
  itemId: text,
  title: optional(text),
  tags: optional(fc.array(text)),
  metadata: optional(fc.dictionary(text, fc.jsonValue())),
  score: number,
  baseScore: optional(number),
  source: fc.constantFrom(
    'model' as const,
    'tags' as const,
    'popular' as const,
    'catalogue' as const,
    'pinned' as const,
  ),
  because: optional(fc.array(fc.record({ itemId: text, part: number }))),
});

const reply: fc.Arbitrary<RecommendationReply> = fc.record({
  items: fc.array(item, { maxLength: 5 }),
  reason: optional(fc.constantFrom(...SHORTFALLS)),
  exact: fc.constant(true as const),
  modelId: fc.option(text),
  recommendationId: text,
  unknownItems: optional(fc.array(text)),
});

describe('the serialiser of answers', () => {
  it('writes what JSON.stringify writes, in the order of the schema, whatever is in them', async () => {
    const app = fastify();
    let answer: RecommendationReply | undefined;
    app.get('/', { schema: { response: { 200: REPLY_SCHEMA } } }, () => Promise.resolve(answer));
    await fc.assert(
      fc.asyncProperty(reply, async (value) => {
        answer = value;
        const { body } = await app.inject('/');
        expect(body).toBe(JSON.stringify(value));
      }),
      { seed: 5, numRuns: 300 },
    );
    await app.close();
  });
});
