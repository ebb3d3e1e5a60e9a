import type { Surroundings } from './surroundings.js';

/** Makes a schedule, changes it while somebody else does, and deletes it. */
export async function keepSchedule({ service, open }: Surroundings): Promise<void> {
  const watched = await open('training');
  const { page } = watched;
  const panel = page.getByRole('region', { name: 'Schedules' });
  const making = panel.locator('details', { hasText: 'Make a schedule' });
  await panel.getByText('Make a schedule').click();
  await making.getByLabel('Name').fill('weekly');
  await making.getByLabel('As a cron expression').fill('0 25 * * *');
  await making.getByText('cron must be a cron expression').waitFor();
  await making.getByLabel('When').selectOption('every Sunday at 04:00');
  await making.getByLabel('Time zone').fill('Pacific/Auckland');
  await making.getByText(/^Next: .*4:00/).waitFor();
  expect(await watched.faults()).toEqual([]);
  await watched.picture('training-schedule');
  await making.getByRole('button', { name: 'Make it' }).click();
  const item = panel.getByRole('listitem').filter({ hasText: 'weekly' });
  await item.getByText('4:00 AM in Pacific/Auckland').waitFor();
  const made = { cron: '0 4 * * 0', timeZone: 'Pacific/Auckland', model: 'ease', enabled: true, gate: null };
  expect((await service.get('schedules/weekly')).body).toMatchObject(made);
  await making.getByRole('button', { name: 'Make it' }).click();
  await making.getByText('There is a schedule of this name').waitFor();
  await item.getByText('Change').click();
  await service.send('PUT', 'schedules/weekly', { cron: '0 5 * * 0', model: 'ease' });
  await item.getByLabel('Switched on').uncheck();
  await item.getByRole('button', { name: 'Save' }).click();
  await item.getByRole('alert').getByText('Somebody else has changed it').waitFor();
  expect(await item.getByLabel('As a cron expression').inputValue()).toBe('0 5 * * 0');
  await item.getByLabel('Switched on').uncheck();
  await item.getByRole('button', { name: 'Save' }).click();
  await item.getByText('Switched off.').waitFor();
  expect((await service.get('schedules/weekly')).body).toMatchObject({ cron: '0 5 * * 0', enabled: false });
  await item.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await item.waitFor({ state: 'detached' });
  expect((await service.get('schedules/weekly')).status).toBe(404);
  watched.expectProblems(/422|412/);
}
