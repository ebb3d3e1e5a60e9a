import { TestService, twoTastes, type AnotherApi } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { outliveFaults } from './flows/faults.js';
import { importFile } from './flows/files.js';
import { changeItem, followMap } from './flows/items.js';
import { useKeys } from './flows/keys.js';
import { keepSchedule } from './flows/schedules.js';
import { trainAndServe } from './flows/training.js';
import { correctUser } from './flows/users.js';
import { describeWithChromium, TestBrowser, type View, type WatchedPage } from './support/browser.js';

const PAGES = [
  'overview',
  'try?user=user-1',
  'items?item=item-0',
  'users?user=user-0',
  'models',
  'training',
  'system',
];
const VIEWS: readonly View[] = [320, 768, 1_280].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);
/** Titles that are no names of films. */
const HOSTILE = [
  '<img src=x onerror="document.title=1"><b>bold</b>',
  '‮right to left ‫עברית',
  'long'.repeat(125),
  '🎬'.repeat(60),
  '"quotes" & \'apostrophes\' </script>',
];

describeWithChromium('the dashboard', () => {
  let service: TestService;
  let browser: TestBrowser;
  let restarted: AnotherApi | null = null;
  const opened: WatchedPage[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    const items = HOSTILE.map((title, n) => ({ itemId: `item-${n}`, title, tags: [title.slice(0, 60)] }));
    await service.send('POST', 'items', { items });
    await service.train({ model: 'item-knn' });
    await service.send('PUT', 'schedules/nightly', { cron: '0 3 * * *', timeZone: 'UTC', model: 'ease' });
    browser = await TestBrowser.start(service.url);
  });
  afterAll(async () => {
    await browser.stop();
    await restarted?.process.kill();
    await service.stop();
  });
  /** Nothing may go wrong in any page, whatever a test is about. */
  afterEach(async () => {
    const watched = opened.splice(0);
    const problems = watched.flatMap((one) => one.problems);
    for (const one of watched) await one.close();
    expect(problems).toEqual([]);
  });

  const open = async (page: string, view?: View) => {
    const watched = await browser.open(`#/default/${page}`, view);
    opened.push(watched);
    return watched;
  };

  it.each(VIEWS)('has no fault at $width pixels in $scheme colours, hostile names included', async (view) => {
    const watched = await open(PAGES[0]!, view);
    for (const page of PAGES) {
      await watched.show(`#/default/${page}`);
      if (page.startsWith('try')) await watched.page.locator('.reasons summary').first().click();
      const name = `${page.replace(/\?.*/, '')}-${view.width}-${view.scheme}`;
      await watched.picture(name);
      expect([name, await watched.faults()]).toEqual([name, []]);
      expect(await watched.page.locator('main img, main b').count()).toBe(0);
    }
  });

  it('loads at most 200 KB of scripts for the overview, and 350 KB for all pages', async () => {
    const watched = await open('overview');
    const loaded = async () => {
      const paths = new Set(watched.requests.flatMap((one) => /^GET (.*\.js)$/.exec(one)?.[1] ?? []));
      const answers = await Promise.all([...paths].map((path) => fetch(service.url + path)));
      return answers.reduce((bytes, { headers }) => bytes + Number(headers.get('content-length')), 0);
    };
    const first = await loaded();
    expect(first).toBeGreaterThan(50_000);
    expect(first).toBeLessThan(200_000);
    for (const page of PAGES) await watched.show(`#/default/${page}`);
    expect(await loaded()).toBeGreaterThan(first);
    expect(await loaded()).toBeLessThan(350_000);
  });

  it('shows the list of the API with its reasons, counts nothing, and says it by its address', async () => {
    const before = await service.get('models');
    const { page } = await open('try');
    await page.getByRole('button', { name: 'user-1', exact: true }).click();
    const titles = page.locator('.list-title');
    await titles.first().waitFor();
    const list = await service.get('users/user-1/recommendations?k=10&fields=title&preview=true');
    const wanted = list.body.items.map(({ itemId, title = itemId }: Record<string, string>) => title);
    expect(await titles.allTextContents()).toEqual(wanted);
    await page.locator('.reasons summary').first().click();
    await page
      .getByRole('button', { name: /^without it/ })
      .first()
      .click();
    await page.getByText('As if never had').waitFor();
    await waitFor('another list', async () => String(await titles.allTextContents()) !== String(wanted));
    const shared = await open(new URL(page.url()).hash.replace('#/default/', ''));
    const other = shared.page.locator('.list-title');
    await other.first().waitFor();
    expect(await other.allTextContents()).toEqual(await titles.allTextContents());
    const after = await service.get('models');
    expect(after.body.items[0].attribution).toEqual(before.body.items[0].attribution);
  });

  it('holds a list beside that of another request, and marks what has moved', async () => {
    const watched = await open('try?user=user-1', { width: 320, scheme: 'dark' });
    const { page } = watched;
    await page.getByRole('button', { name: 'Hold this list beside the next' }).click();
    await page.getByLabel('Boost').fill('1 / (1 + score)');
    await page.getByText('It differs in: boost.').waitFor();
    await page.locator('.move').first().waitFor();
    expect(await watched.faults()).toEqual([]);
    const titlesOf = (name: string) => page.getByRole('region', { name, exact: true }).locator('.list-title');
    const [now, held] = [
      await titlesOf('List').allTextContents(),
      await titlesOf('The held list').allTextContents(),
    ];
    expect(now).not.toEqual(held);
    await page.getByRole('button', { name: 'Change this one instead' }).click();
    await waitFor('the lists', async () => String(await titlesOf('List').allTextContents()) === String(held));
    expect(await page.getByLabel('Boost').inputValue()).toBe('');
  });

  it('is used by the keyboard alone, and shows where it is', async () => {
    const watched = await open('overview');
    const { page } = watched;
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { top, bottom, width } = element.getBoundingClientRect();
        const isSeen = bottom > 0 && top < innerHeight && width > 0;
        const isMarked = getComputedStyle(element).outlineStyle !== 'none' || element.tagName === 'MAIN';
        return { text: element.textContent, isSeen, isMarked };
      });
    const seen: string[] = [];
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab');
      const { text, ...shown } = await focused();
      expect([text, shown]).toEqual([text, { isSeen: true, isMarked: true }]);
      seen.push(text);
    }
    const pages = ['Overview', 'Try it', 'Items', 'Users', 'Models', 'Training', 'System'];
    expect(seen.slice(0, pages.length + 1)).toEqual(['Skip to the content', ...pages]);
    await page.goto(`${service.url}/#/default/try`);
    const field = page.getByRole('combobox', { name: 'User' });
    await field.focus();
    await page.keyboard.type('user-2');
    await page.getByRole('option', { name: 'user-2', exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const reasons = page.locator('.reasons summary').first();
    await reasons.focus();
    await page.keyboard.press('Enter');
    await page.getByText('The parts sum to').first().waitFor();
    const number = page.getByRole('button', { name: 'Length' });
    await number.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await page.locator('.tooltip').waitFor();
    expect(await watched.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('.tooltip').waitFor({ state: 'detached' });
  });

  it('imports a file, and says how much of it is read', () => importFile({ service, open }));

  it('trains, and serves another model after a question', () => trainAndServe({ service, open }));

  it('makes, changes and deletes a schedule, and says when it ticks', () => keepSchedule({ service, open }));

  it('deletes and merges what a user did, switches consent, and stores files', () =>
    correctUser({ service, open }));

  it('leads from an item to what is like it by a map', () => followMap({ open }));

  it('changes an item, and overwrites nothing that somebody else has changed', () =>
    changeItem({ service, open }));

  it('asks seldom while it is seen, and never while it is not', async () => {
    const watched = await open('overview');
    const { page, requests } = watched;
    await page.clock.install();
    await page.reload();
    await watched.settled();
    const within = async (seconds: number) => {
      requests.length = 0;
      for (let n = 0; n < seconds; n++) {
        await page.clock.runFor(1_000);
        await watched.answered();
      }
      return requests.length;
    };
    const seconds = 20;
    const seen = await within(seconds);
    expect(seen).toBeGreaterThan(seconds / 2);
    expect(seen).toBeLessThanOrEqual(2 * seconds);
    await page.evaluate(() => {
      for (const [name, value] of Object.entries({ hidden: true, visibilityState: 'hidden' }))
        Object.defineProperty(document, name, { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await within(seconds)).toBe(0);
  });

  it('outlives a flush of Redis and a restart of the API, and says what is away', () =>
    outliveFaults({
      ...{ service, open },
      restart: async () => {
        restarted = await service.startAnotherApi({ PORT: new URL(service.url).port });
      },
    }));

  // The last one: a service that has had a key asks for one for good.
  it('asks for a key as soon as the service does, shows what it allows, rotates and revokes', () =>
    useKeys({ service, open }));
});
