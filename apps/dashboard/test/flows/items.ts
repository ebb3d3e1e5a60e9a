import type { Surroundings } from './surroundings.js';

/** Goes from an item to one that is like it, by the map and the keyboard. */
export async function followMap({ open }: Pick<Surroundings, 'open'>): Promise<void> {
  const { page } = await open('items?item=item-6');
  const points = page.getByRole('list', { name: 'Map, by number in the list' }).getByRole('link');
  await points.first().waitFor();
  const names = await page.locator('.alike a').allTextContents();
  const labels = await points.evaluateAll((links) => links.map((link) => link.getAttribute('aria-label')));
  expect(labels).toEqual(names.map((name, n) => `${n + 1} ${name}`));
  await points.nth(1).focus();
  await page.locator('.map-words').getByText(names[1]!, { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Item', exact: true }).getByText(names[1]!).first().waitFor();
}

/** Edits an item that somebody else changes meanwhile. */
export async function changeItem({ service, open }: Surroundings): Promise<void> {
  const watched = await open('items?item=item-6');
  const { page } = watched;
  await page.getByText('Edit', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Mine');
  await page.getByRole('textbox', { name: 'Another tag' }).fill('a, b');
  await page.keyboard.press('Enter');
  await service.send('PATCH', 'items/item-6', { title: 'Theirs', available: false });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('its title is now “Theirs”; it is not available now').waitFor();
  expect((await service.get('items/item-6')).body).toMatchObject({ title: 'Theirs', tags: [] });
  await watched.picture('items-conflict');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Stored. The next list knows.').waitFor();
  const stored = { title: 'Mine', tags: ['a, b'], available: false };
  expect((await service.get('items/item-6')).body).toMatchObject(stored);
  watched.expectProblems(/412/);
}
