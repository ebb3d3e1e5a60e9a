import pg from 'pg';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { sparserec, sparserecTold } from './sparserec.js';

const SHOP = '/v1/catalogs/shop';
const GONE = { interactions: 320, users: 40, items: 24, models: 0, trainingRuns: 0 };
/** Waits for a deletion, and then longer than the service does before it answers. */
const LONG_AFTER_ITS_START = `DO $$ BEGIN
  WHILE NOT EXISTS (SELECT FROM catalog_deletions WHERE finished_at IS NULL) LOOP PERFORM pg_sleep(0.02); END LOOP;
  PERFORM pg_sleep(3);
END $$`;

describe('sparserec delete', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    await service.send('PUT', SHOP);
    await service.send('POST', `${SHOP}/interactions`, { interactions: twoTastes() });
  });
  afterEach(() => service.send('DELETE', SHOP));

  const call = (...args: string[]) => ['delete', '--url', service.url, '--catalog', 'shop', ...args];

  it.each(['', '\n', 'shpo\n', 'yes\nshop\n'])('deletes nothing when it is answered %j', async (answer) => {
    const { status, stdout, stderr } = sparserecTold(answer, ...call());
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('the catalog "shop" with 40 users and 24 items for good');
    expect(stderr).toContain('Nothing was deleted');
    expect((await service.get(SHOP)).body.userCount).toBe(40);
  });

  it('deletes the catalog when its name is repeated, and says what is gone', async () => {
    const { status, stdout } = sparserecTold('shop\n', ...call());
    expect(status).toBe(0);
    const [title, ...rows] = stdout.trimEnd().split('\n');
    expect(title).toMatch(/^Deleted the catalog "shop", by receipt [0-9a-f-]{36}:$/);
    expect(Object.fromEntries(rows.map((row) => row.trim().split(/ +/)))).toEqual(
      Object.fromEntries(Object.entries(GONE).map(([name, count]) => [name, String(count)])),
    );
    expect((await service.get(SHOP)).status).toBe(404);
  });

  it('asks nothing with --yes, and prints the receipt with --json', async () => {
    const { status, stdout, stderr } = sparserec(...call('--yes', '--json'));
    expect([status, stderr]).toEqual([0, '']);
    const receipt = JSON.parse(stdout);
    expect(receipt).toMatchObject({ catalogId: 'shop', status: 'done', deleted: GONE });
    expect((await service.get(`/v1/catalog-deletions/${receipt.id}`)).body).toEqual(receipt);
  });

  it('waits for the end where that takes long', async () => {
    const holder = new pg.Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query(`BEGIN; SELECT FROM catalogs WHERE id = 'shop' FOR KEY SHARE`);
    const released = holder.query(`${LONG_AFTER_ITS_START}; COMMIT`);
    const { status, stdout, stderr } = sparserec(...call('--yes', '--json'));
    await released;
    await holder.end();
    const { id, ...receipt } = JSON.parse(stdout);
    expect([status, receipt]).toEqual([0, expect.objectContaining({ status: 'done', deleted: GONE })]);
    expect(stderr).toContain(`Deleting; the receipt is at ${service.url}/v1/catalog-deletions/${id}\n`);
  });

  it('refuses in one line what is not there', () => {
    const unknown = ['delete', '--url', service.url, '--catalog', 'nothing'];
    for (const args of [unknown, [...unknown, '--yes']])
      expect(sparserecTold('nothing\n', ...args)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: 'There is no catalog "nothing"\n',
      });
    const { status, stderr } = sparserec('delete', '--url', 'http://127.0.0.1:1', '--catalog', 'shop');
    expect([status, stderr.split('\n')]).toEqual([2, [expect.stringMatching(/^No service answers at/), '']]);
  });

  it.each([
    [['delete'], "required option '--catalog <id>' not specified"],
    [['delete', '--catalog', 'No Name'], 'must be 1 to 63 of a-z'],
    [['delete', '--catalog', 'shop', '--url', 'nowhere'], 'write an address such as http://127.0.0.1:3000'],
  ])('refuses %j and mentions --help', (args, message) => {
    const { status, stderr } = sparserec(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });
});
