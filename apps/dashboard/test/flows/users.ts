import { readFileSync } from 'node:fs';
import type { Surroundings } from './surroundings.js';

/** Deletes and merges what a user did, switches consent, and stores files. */
export async function correctUser({ service, open }: Surroundings): Promise<void> {
  const watched = await open('users?user=user-39');
  const { page } = watched;
  const numberOf = async (user: string) =>
    ((await service.get(`users/${user}/interactions`)).body as { readonly items: unknown[] }).items.length;
  const confirm = (action: string) => page.getByRole('dialog').getByRole('button', { name: action }).click();
  for (const n of [0, 1])
    await page
      .getByRole('checkbox', { name: /^Choose interaction/ })
      .nth(n)
      .check();
  await page.getByRole('button', { name: 'Delete 2 interactions' }).click();
  expect(await watched.faults()).toEqual([]);
  await confirm('Delete 2 interactions');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await numberOf('user-39')).toBe(6);
  await page.getByRole('switch', { name: /^Models/ }).uncheck();
  await page.getByText('The next training leaves the user out').waitFor();
  const consent = { training: false, personal: true };
  expect((await service.get('users/user-39/consent')).body).toMatchObject(consent);
  await service.send('PUT', 'users/user-39/consent', { training: true, personal: false });
  await page.getByRole('switch', { name: /^Models/ }).check();
  await page.getByRole('alert').getByText('Somebody else has changed it').waitFor();
  expect(await page.getByRole('switch', { name: /^Lists/ }).isChecked()).toBe(false);
  watched.expectProblems(/412/);
  await page.getByText('Merge another id').click();
  await page.getByRole('combobox', { name: 'The other id' }).fill('user-38');
  await page.getByRole('option', { name: 'user-38', exact: true }).click();
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  await page.getByRole('dialog').getByText('8 interactions of “user-38”').waitFor();
  await confirm('Merge');
  await page.getByText('8 interactions of “user-38” are now of this user').waitFor();
  expect(await numberOf('user-39')).toBe(14);
  for (const [button, start] of [
    ['Download everything on this person', '{"kind":"user","userId":"user-39"'],
    ['Download as CSV', '\uFEFFuserId,itemId,type'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    expect(readFileSync(await (await download).path(), 'utf8').slice(0, start.length)).toBe(start);
  }
}
