import type { Page } from 'playwright-core';
import type { Surroundings } from './surroundings.js';

interface Restartable extends Surroundings {
  /** Puts another process in the place of the API, which has ended. */
  readonly restart: () => Promise<void>;
}

/** Marks the context of a page's scripts. @returns whether it is there still: a reload takes it away */
export async function markContext(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => Object.assign(globalThis, { isMarked: true }));
  return () => page.evaluate(() => 'isMarked' in globalThis);
}

/** Goes on through a flush of Redis and a restart of the API, with what was typed. */
export async function outliveFaults({ service, open, restart }: Restartable): Promise<void> {
  const watched = await open('try?user=user-1');
  const { page } = watched;
  const [isMarked, field] = [await markContext(page), page.getByLabel('Boost')];
  const listBy = (boost: string) =>
    page.waitForResponse((response) => {
      const { pathname, searchParams } = new URL(response.url());
      return pathname.endsWith('/recommendations') && searchParams.get('boost') === boost && response.ok();
    });
  const first = listBy('score * 2');
  await service.redis?.flush();
  await field.fill('score * 2');
  await first;
  expect(await page.locator('.banner').count()).toBe(0);
  await service.api.kill();
  const away = page.getByRole('status').getByText('The service does not answer');
  await away.waitFor();
  await field.fill('score * 3');
  const second = listBy('score * 3');
  await restart();
  await away.waitFor({ state: 'detached' });
  await second;
  expect([await field.inputValue(), await isMarked()]).toEqual(['score * 3', true]);
  await watched.answered();
  watched.expectProblems(/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)/);
}
