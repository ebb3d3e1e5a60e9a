import { randomUUID } from 'node:crypto';
import { TestService, twoTastes, type AnotherApi } from '../../../test/support/api.js';
import { postWithKey } from '../../../test/support/idempotent-post.js';
import { waitFor } from '../../../test/support/processes.js';

/** Holds every commit that keeps a key until nobody has the lock, for however long a busy machine takes. */
const HOLD_COMMITS = `CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(1, 1); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON idempotency_keys
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit()`;
const HELD = "pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";

describe('an Idempotency-Key of an API that is killed while it commits', () => {
  let service: TestService;
  let api: AnotherApi;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.database.query(HOLD_COMMITS);
  });
  afterAll(() => service.stop());

  beforeEach(async () => {
    api = await service.startAnotherApi();
    await service.database.query('SELECT pg_advisory_lock(1, 1)');
  });
  afterEach(async () => {
    await goOn();
    await api.process.kill();
  });

  const goOn = () => service.database.query('SELECT pg_advisory_unlock_all()');
  const countOf = async (sql: string, values: unknown[] = []): Promise<number> =>
    Number((await service.database.query(`SELECT count(*) FROM ${sql}`, values)).rows[0].count);
  const keysOf = (key: string) => countOf('idempotency_keys WHERE key = $1', [key]);
  const clicksOf = (userId: string) =>
    countOf('interactions JOIN users USING (catalog_id, user_key) WHERE external_id = $1', [userId]);
  const untilHeld = (count: number) =>
    waitFor('commits to be held', async () => (await countOf(HELD)) === count);
  const clickOf = (userId: string) => ({ interactions: [{ userId, itemId: 'item-1' }] });

  const killAtCommit = async (path: string, key: string, body: object): Promise<void> => {
    const unanswered = expect(postWithKey(api.url, path, { key, body })).rejects.toThrow();
    await untilHeld(1);
    await api.process.kill('SIGKILL');
    await unanswered;
  };

  it('is there with what was written: the next try gets the answer and stores nothing', async () => {
    const [key, body] = [randomUUID(), clickOf('committed')];
    await killAtCommit('interactions', key, body);
    expect([await keysOf(key), await clicksOf('committed')]).toEqual([0, 0]);
    await goOn();
    await waitFor('the commit', async () => (await keysOf(key)) === 1);
    expect(await clicksOf('committed')).toBe(1);
    const again = await postWithKey(service.url, 'interactions', { key, body });
    expect([again.body.stored, again.headers.get('idempotent-replayed')]).toEqual([1, 'true']);
    expect(await clicksOf('committed')).toBe(1);
  });

  it('is gone with what was to be written: the next try stores it', async () => {
    const [key, body] = [randomUUID(), clickOf('lost')];
    await killAtCommit('interactions', key, body);
    await service.database.query(`SELECT pg_terminate_backend(pid) FROM ${HELD}`);
    await untilHeld(0);
    await goOn();
    expect([await keysOf(key), await clicksOf('lost')]).toEqual([0, 0]);
    const again = await postWithKey(service.url, 'interactions', { key, body });
    expect([again.body.stored, again.headers.get('idempotent-replayed')]).toEqual([1, null]);
    expect(await clicksOf('lost')).toBe(1);
  });

  it('has the run that nobody enqueued: the next try gets its address, and a worker trains it', async () => {
    const [key, body] = [randomUUID(), { model: 'ease', parameters: { regularization: 11 } }];
    await killAtCommit('training-runs', key, body);
    await goOn();
    await waitFor('the commit', async () => (await keysOf(key)) === 1);
    const again = await postWithKey(service.url, 'training-runs', { key, body });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    const run = await waitFor('the run', async () => {
      const reply = await service.get(again.headers.get('location')!);
      return reply.body.finishedAt !== null && reply.body;
    });
    expect([run.id, run.status]).toEqual([again.body.id, 'succeeded']);
    expect(await countOf('training_runs')).toBe(1);
  });
});
