import type { Surroundings } from './surroundings.js';

/** Starts a run by the form, is told how it goes on, and serves its model and the old one again. */
export async function trainAndServe({ service, open }: Surroundings): Promise<void> {
  const watched = await open('training');
  const { page } = watched;
  const form = page.getByRole('region', { name: 'Start a run' });
  const start = form.getByRole('button', { name: 'Start' });
  await form.getByText('Parameters').click();
  await form.getByLabel('regularization').fill('0');
  await form.getByText('must be above 0').waitFor();
  expect(await start.isDisabled()).toBe(true);
  await form.getByLabel('Kind of model').selectOption('lightgcl');
  await form.getByText('Parameters').click();
  await form.getByLabel('epochs').fill('300');
  await form.getByLabel('patience').fill('0');
  await form.getByLabel('Serve it as soon as it is ready').uncheck();
  expect(await watched.faults()).toEqual([]);
  await start.click();
  const run = page.getByRole('listitem').filter({ hasText: 'lightgcl' });
  await run.getByRole('button', { name: 'done' }).waitFor();
  expect(watched.requests.filter((request) => request.endsWith('/events'))).toHaveLength(1);
  await page.getByRole('link', { name: 'Models' }).click();
  for (const kind of ['lightgcl', 'item-knn']) {
    const version = page.getByRole('listitem').filter({ hasText: kind });
    await version.getByRole('button', { name: 'Activate' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('all lists of the catalog').waitFor();
    await dialog.getByRole('button', { name: 'Activate' }).click();
    await version.getByText('active', { exact: true }).waitFor();
    const models = (await service.get('models')).body as {
      readonly items: readonly { readonly status: string; readonly kind: string }[];
    };
    expect(models.items.find(({ status }) => status === 'active')?.kind).toBe(kind);
  }
  const tenths = page.getByRole('region', { name: 'How far the lists reach' }).getByRole('row');
  expect(await tenths.count()).toBe(2 * (1 + 10));
  await page.getByRole('link', { name: 'Try it' }).click();
  await page.getByRole('button', { name: 'user-1', exact: true }).click();
  await page.getByLabel('Beside the list of').selectOption({ index: 1 });
  await page.getByText('by lightgcl').waitFor();
  expect(await page.locator('.list').count()).toBe(2);
}
