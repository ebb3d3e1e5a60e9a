import type { Page } from 'playwright-core';
import type { TestService } from '../../../../test/support/api.js';
import { markContext } from './faults.js';
import type { Surroundings } from './surroundings.js';

/** Signs in once the service has a key, first with one that may little, then with one that may all. */
export async function useKeys({ service, open }: Surroundings): Promise<void> {
  const watched = await open('try?user=user-1&boost=score');
  const { page } = watched;
  const admin = await makeKey(service.url, { name: 'admin', scopes: ['admin'] });
  const reader = await makeKey(service.url, { name: 'reader', scopes: ['read', 'people'] }, admin);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Sign in with a key').waitFor();
  expect(await watched.faults()).toEqual([]);
  await dialog.getByLabel('Key').fill('sparserec_wrong');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText('none of this service').waitFor();
  await dialog.getByLabel('Key').fill(reader);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Key “reader”: read, people').waitFor();
  expect(await page.getByLabel('Boost').inputValue()).toBe('score');
  await page.getByText('$SPARSEREC_KEY').waitFor();
  expect(await page.content()).not.toContain(reader);
  expect(page.url()).not.toContain(reader);
  await outliveKey({ service, page }, { admin, reader });
  await page.getByRole('link', { name: 'Training' }).click();
  await page.getByText('A key with the scope “train”').waitFor();
  expect(await page.getByRole('button', { name: 'Start' }).count()).toBe(0);
  await manageKeys({ service, page }, admin);
  watched.expectProblems(/401/);
}

const SHORT_MS = 3_000;

/** Is let in by a key that ends soon, is told of its end, and goes on by another one with what was typed. */
async function outliveKey(
  { service, page }: { readonly service: TestService; readonly page: Page },
  { admin, reader }: { readonly admin: string; readonly reader: string },
): Promise<void> {
  const [dialog, isMarked] = [page.getByRole('dialog'), await markContext(page)];
  const signIn = async (key: string) => {
    await dialog.getByLabel('Key').fill(key);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  };
  await page.getByRole('button', { name: 'Sign out' }).click();
  const expiresAt = new Date(Date.now() + SHORT_MS).toISOString();
  await signIn(await makeKey(service.url, { name: 'short', scopes: ['read', 'people'], expiresAt }, admin));
  await page.getByLabel('Boost').fill('score * 2');
  await dialog.getByText('The key has expired or was revoked').waitFor();
  await signIn(reader);
  expect([await page.getByLabel('Boost').inputValue(), await isMarked()]).toEqual(['score * 2', true]);
  await page.locator('.list-title').first().waitFor();
}

async function makeKey(
  url: string,
  body: { readonly name: string; readonly scopes: readonly string[]; readonly expiresAt?: string },
  key?: string,
): Promise<string> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const response = await fetch(`${url}/v1/keys`, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await response.json()) as { readonly token: string }).token;
}

/** Rotates the key of the page itself at once, and revokes another one. */
async function manageKeys(
  { service, page }: { readonly service: TestService; readonly page: Page },
  admin: string,
): Promise<void> {
  const dialog = page.getByRole('dialog');
  const statusWith = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${service.url}/v1/caller`, { headers })).status;
  };
  const rowOf = (name: string) =>
    page.getByRole('region', { name: 'Keys' }).getByRole('listitem').filter({ hasText: name });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await dialog.getByLabel('Key').fill(admin);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'System' }).click();
  await rowOf('admin').getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByLabel('The old one stays valid').selectOption('not at all');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  const token = (await page.locator('.copy-text code').textContent()) ?? '';
  await dialog.waitFor({ state: 'detached' });
  expect([await statusWith(token), await statusWith(admin)]).toEqual([200, 401]);
  await page.getByRole('button', { name: 'It is stored' }).click();
  expect(await page.content()).not.toContain(token);
  await rowOf('reader').getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await rowOf('reader').getByText('revoked').waitFor();
  await page.getByText('set, and secret').first().waitFor();
  const processes = page.getByRole('region', { name: 'Processes' }).getByRole('listitem');
  await processes.filter({ hasText: 'which answers this page' }).waitFor();
  expect(await processes.count()).toBe(2);
  expect(await page.content()).not.toContain(new URL(service.database.url).password);
}
