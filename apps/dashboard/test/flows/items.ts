import type { Surroundings } from './surroundings.js';

/** Edits an item that somebody else changes meanwhile. */
export async function changeItem({ service, open }: Surroundings): Promise<void> {
  const watched = await open('items?item=item-6');
  const { page } = watched;
  await page.getByText('Edit', { exact: true }).click();
  await page.getByLabel('Title').fill('Mine');
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
