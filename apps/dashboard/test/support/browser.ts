import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { source as AXE } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { waitFor } from '../../../../test/support/processes.js';

/** Path of Chromium, of Debian's package of this name; empty where there is none. */
const CHROMIUM = process.env['TEST_CHROMIUM'] ?? '';
/** Looked at by people, compared with nothing. */
const SCREENSHOTS = join(import.meta.dirname, '../../../../.cache/screenshots');
/** The rules of WCAG 2.2 AA, and what else is good. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** As root it has no sandbox, and what it asks its maker is no request of the page. */
const FLAGS = ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'];

/**
 * `describe` where there is a browser, else a skipped one whose title says why.
 *
 * @throws on CI, where it must be there
 */
export function describeWithChromium(title: string, body: () => void): void {
  if (CHROMIUM === '' && process.env['CI'] === 'true')
    throw new Error('There is no Chromium here; .ci/run installs it');
  if (CHROMIUM === '') describe.skip(`${title} (skipped: TEST_CHROMIUM is not set)`, body);
  else describe(title, body);
}

export interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** A browser that writes down whatever goes wrong in its pages. */
export class TestBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly serviceUrl: string,
  ) {}

  static async start(serviceUrl: string): Promise<TestBrowser> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }), serviceUrl);
  }

  async open(
    hash: string,
    { width, scheme }: View = { width: 1_280, scheme: 'light' },
  ): Promise<WatchedPage> {
    const context = await this.browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    const watched = new WatchedPage(await context.newPage(), this.serviceUrl);
    await watched.show(hash);
    return watched;
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }
}

/** A page of the service, with what went wrong in it and what it asked for. */
export class WatchedPage {
  problems: string[] = [];
  #inFlight = 0;
  /** Method and path of each request. */
  readonly requests: string[] = [];

  constructor(
    readonly page: Page,
    private readonly serviceUrl: string,
  ) {
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    // What the policy of the page refuses is an error of the console too.
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== this.serviceUrl) this.problems.push(`asks another host: ${request.url()}`);
      this.requests.push(`${request.method()} ${url.pathname}`);
      this.#inFlight++;
    });
    for (const end of ['requestfinished', 'requestfailed'] as const)
      page.on(end as 'requestfinished', () => this.#inFlight--);
  }

  /** @param hash `#/CATALOG/PAGE?…` */
  async show(hash: string): Promise<void> {
    await this.page.goto(`${this.serviceUrl}/${hash}`);
    await this.page
      .locator(`a[aria-current][href="${hash.replace(/\?.*/, '')}"]`)
      .waitFor({ state: 'attached' });
    await this.settled();
  }

  /** Waits until nothing is awaited any more. */
  async settled(): Promise<void> {
    await this.page.locator('h1').waitFor();
    await this.page.getByText('Loading …').first().waitFor({ state: 'detached' });
  }

  /** Waits until every request is answered. */
  async answered(): Promise<void> {
    await waitFor('the answers', () => this.#inFlight === 0);
  }

  /** Takes away problems that a test has made by intent. @throws when there are none of them */
  expectProblems(pattern: RegExp): void {
    const others = this.problems.filter((problem) => !pattern.test(problem));
    if (others.length === this.problems.length) throw new Error(`no problem is like ${pattern}`);
    this.problems = others;
  }

  /** What does not fit beside one another, and what axe finds. */
  async faults(): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(AXE);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const found = await this.page.evaluate(
      // The global that the script before has made.
      async (rules) => {
        const { axe } = globalThis as unknown as { readonly axe: typeof import('axe-core') };
        const { violations } = await axe.run({ runOnly: rules });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      },
      RULES,
    );
    return [...(wide > 0 ? [`is ${wide} pixels too wide`] : []), ...found];
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
