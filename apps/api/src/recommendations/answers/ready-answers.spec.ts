import type { IncomingMessage, ServerResponse } from 'node:http';
import { issueRecommendationId } from '#domain';
import { Draining } from '../../draining/draining.js';
import type { AnswerCounts } from '../../serving/answer-counts.js';
import type { ServingCatalog, ServingCatalogs } from '../../serving/catalogs/serving-catalogs.js';
import { HeldUser } from '../../serving/users/held-users.js';
import type { UserHistories } from '../../serving/users/user-histories.js';
import { userQuery } from '../http/dto/recommendation.dto.js';
import { isRepeatable, JSON_TYPE, MAX_READY_BYTES, ReadyAnswers } from './ready-answers.js';

const MODEL = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11';
const OTHER_MODEL = '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b12';
const URL = '/v1/catalogs/default/users/ada/recommendations?k=1';

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: IncomingMessage['headers'];
}

/** One answer that is ready, and what has to be as it was for it to be sent. */
class Ready {
  readonly user = new HeldUser(null, { cacheEpoch: 0, entry: null, session: 1 });
  readonly catalog = { id: 'default', items: { revision: 3 }, active: { model: { id: MODEL } } };
  readonly state: { peeked: unknown; epoch: number } = { peeked: this.catalog, epoch: 2 };
  readonly add = jest.fn();
  readonly id = issueRecommendationId(MODEL);
  readonly draining = new Draining();
  readonly answers = new ReadyAnswers(
    { peek: () => this.state.peeked, cacheEpoch: () => this.state.epoch } as unknown as ServingCatalogs,
    { isCurrent: ({ session }: HeldUser) => session !== 0 } as unknown as UserHistories,
    { add: this.add } as unknown as AnswerCounts,
    this.draining,
    { USER_CACHE_ENTRIES: 10 },
  );

  /** @param title of any length and alphabet, before and after the id */
  text(title: string, id = this.id): string {
    return JSON.stringify({ title, recommendationId: id, unknownItems: [title] });
  }

  keep(title: string, { modelId = MODEL, url = URL }: { modelId?: string | null; url?: string } = {}): void {
    const ground = this.answers.ground(this.catalog as unknown as ServingCatalog);
    const reply = { items: [], exact: true, modelId, recommendationId: this.id } as const;
    const text = this.text(title);
    this.answers.keep(url, { user: this.user, ground, reply: { ...reply, items: [] }, text });
  }

  /** @returns null when the request was left to the routes */
  ask(asked: Asked = {}): string | null {
    const end = jest.fn();
    const writeHead = jest.fn();
    const response = { writeHead, end } as unknown as ServerResponse;
    const request: Partial<IncomingMessage> = {
      ...{ method: 'GET', url: URL, headers: { host: 'here' } },
      ...asked,
    };
    if (!this.answers.answer(request as IncomingMessage, response)) {
      expect([writeHead, end].flatMap(({ mock }) => mock.calls)).toEqual([]);
      return null;
    }
    const bytes = Buffer.from(...(end.mock.calls[0] as [string, 'latin1']));
    const headers = ['content-type', JSON_TYPE, 'content-length', String(bytes.length)];
    expect(writeHead.mock.calls).toEqual([[200, headers]]);
    return bytes.toString();
  }
}

describe('ready answers', () => {
  it.each(['plain', 'ä ☃ "quoted" 🎬'])('are the same bytes with another id each time (%s)', (title) => {
    const ready = new Ready();
    ready.keep(title);
    const texts = [ready.ask()!, ready.ask()!];
    const ids = texts.map((text) => (JSON.parse(text) as { recommendationId: string }).recommendationId);
    expect(texts).toEqual(ids.map((id) => ready.text(title, id)));
    expect(new Set([ready.id, ...ids]).size).toBe(3);
    expect(ready.add.mock.calls).toEqual([[MODEL], [MODEL]]);
  });

  it.each<[string, (ready: Ready) => void]>([
    ['another model is active', ({ catalog }) => (catalog.active = { model: { id: OTHER_MODEL } })],
    ['an item has changed', ({ catalog }) => catalog.items.revision++],
    ['the catalog is gone', (ready) => (ready.state.peeked = undefined)],
    ['the values of all users have changed, or the catalog was made anew', (ready) => ready.state.epoch++],
    ['the user was written', ({ user }) => user.drop()],
    ['it is not known whether the user was written', ({ user }) => (user.session = 0)],
    ['the process is about to end', ({ draining }) => draining.begin()],
  ])('are left to the routes when %s', (_, change) => {
    const ready = new Ready();
    ready.keep('plain');
    change(ready);
    expect(ready.ask()).toBeNull();
    expect(ready.add).not.toHaveBeenCalled();
  });

  it('stand when the same model becomes active again, and hold none that is replaced', () => {
    const ready = new Ready();
    ready.keep('plain');
    const { catalog } = ready;
    const ground = ready.answers.ground(catalog as unknown as ServingCatalog);
    expect(ready.answers.ground(catalog as unknown as ServingCatalog)).toBe(ground);
    for (const part of Object.values(ground)) expect(part).not.toBeInstanceOf(Object);
    catalog.active = { model: { id: OTHER_MODEL } };
    expect(ready.answers.ground(catalog as unknown as ServingCatalog)).not.toBe(ground);
    expect(ready.ask()).toBeNull();
    catalog.active = { model: { id: MODEL } };
    expect(ready.ask()).not.toBeNull();
  });

  it('are for the same address and method only', () => {
    const ready = new Ready();
    ready.keep('plain');
    expect([ready.ask({ method: 'HEAD' }), ready.ask({ url: `${URL}&k=1` })]).toEqual([null, null]);
    expect(ready.ask()).not.toBeNull();
  });

  it('are left to the routes when the call names no host, which they refuse', () => {
    const ready = new Ready();
    ready.keep('plain');
    expect(ready.ask({ headers: {} })).toBeNull();
  });

  it('are one a user, and none of a user who was dropped meanwhile', () => {
    const ready = new Ready();
    ready.keep('first');
    ready.keep('second', { url: `${URL}2` });
    expect(ready.ask()).toBeNull();
    expect(ready.ask({ url: `${URL}2` })).toContain('second');
    ready.user.drop();
    ready.keep('third');
    ready.user.session = 1;
    expect([ready.ask(), ready.ask({ url: `${URL}2` })]).toEqual([null, null]);
  });

  it('are none for long ones, nor where the model changed meanwhile', () => {
    const ready = new Ready();
    ready.keep('x'.repeat(MAX_READY_BYTES));
    expect(ready.ask()).toBeNull();
    ready.keep('☃'.repeat(MAX_READY_BYTES / 6));
    expect(ready.ask()).toBeNull();
    ready.keep('plain', { modelId: null });
    expect(ready.ask()).toBeNull();
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
