/**
 * npm run update:pictures: makes the pictures of the README anew, of a service that has the built-in library.
 * They are looked at by people, and compared with nothing.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { main } from './lib/main.mjs';
import { ROOT } from './lib/paths.mjs';
import { step, StepError } from './lib/run.mjs';
import { findTestPrograms } from './lib/servers.mjs';

const PICTURES = join(ROOT, 'docs/pictures');
/** By the name of the file: the page, what is opened in it, what it waits for, and the part that is shown. */
const VIEWS = {
  'try-it': {
    page: 'try?for=basket&item=item-1&item=item-5&item=item-7&k=6',
    open: '.reasons summary',
    awaits: '.parts',
  },
  items: { page: 'items?item=item-1', awaits: '.map-point', part: '.panel:has(.map)' },
};
const VIEWPORT = { width: 1_200, height: 860 };
const MOST_BYTES = 150_000;

await main(async () => {
  const { TEST_CHROMIUM: executablePath } = findTestPrograms();
  if (!executablePath) throw new StepError('There is no Chromium: apt-get install chromium.');
  const home = mkdtempSync(join(tmpdir(), 'sparserec-pictures-'));
  // The private PostgreSQL may have to run as another user.
  chmodSync(home, 0o755);
  const url = `http://127.0.0.1:${await freePort()}`;
  const service = startService(home, url);
  try {
    await step('Starting the service', () => service.isReady);
    mkdirSync(PICTURES, { recursive: true });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    for (const [name, view] of Object.entries(VIEWS)) await takePicture(browser, url, { name, ...view });
    await browser.close();
  } finally {
    await service.stop();
    rmSync(home, { recursive: true, force: true });
  }
});

/** `npm start` with data and a port of its own. */
function startService(home, url) {
  const env = { ...process.env, SPARSEREC_HOME: home, PORT: new URL(url).port };
  const args = [join(ROOT, 'scripts/start.mjs')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const isReady = new Promise((done, fail) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('Ready in')) done();
    });
    void ended.then(() => fail(new StepError(`The service has ended:\n${printed}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { isReady, stop };
}

async function takePicture(browser, url, { name, page: hash, open, awaits, part }) {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(`${url}/#/default/${hash}`);
  if (open) await page.locator(open).first().click();
  await page.locator(awaits).first().waitFor();
  await page.getByText('Loading …').first().waitFor({ state: 'detached' });
  const path = join(PICTURES, `${name}.png`);
  await (part ? page.locator(part) : page).screenshot({ path });
  await page.close();
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new StepError(`${path} has ${size} bytes, more than ${MOST_BYTES}.`);
  process.stdout.write(`${path}: ${size} bytes\n`);
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
