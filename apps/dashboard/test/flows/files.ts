import type { Surroundings } from './surroundings.js';

/** Imports a file into a catalog of its own, and watches how far it is read. */
export async function importFile({ service, open }: Surroundings): Promise<void> {
  await service.send('PUT', '/v1/catalogs/files');
  const watched = await open('overview');
  const { page } = watched;
  await watched.show('#/files/overview');
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    const note = () => seen.push(...[...document.querySelectorAll('progress')].map(({ value }) => value));
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const rows = Array.from({ length: 1_000 }, (_, n) => `reader-${n % 50},book-${n % 70},5\n`);
  const file = Buffer.from(`user,item,rating\n${rows.join('')}`);
  await page
    .getByLabel('Drop a file here')
    .setInputFiles({ name: 'readers.csv', mimeType: 'text/csv', buffer: file });
  await page.getByRole('button', { name: /^Import/ }).click();
  await page.getByText(/^Stored 1,000 interactions\./).waitFor();
  await page.getByRole('button', { name: /^Import/ }).waitFor({ state: 'detached' });
  const shares = await page.evaluate(() => (globalThis as unknown as { readonly seen: number[] }).seen);
  expect([Math.min(...shares), Math.max(...shares)]).toEqual([0, 1]);
  const users = await service.get('/v1/catalogs/files/users?limit=100');
  expect((users.body as { readonly items: readonly unknown[] }).items).toHaveLength(50);
}
