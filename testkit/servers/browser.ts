import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { expect } from 'chai';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, which script/test installs. */
const CHROMIUM = '/usr/bin/chromium';

/** The source of axe, which looks for what people with disabilities cannot use. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A name of somebody else's that resolves to this machine, in this browser. */
export const REBOUND_HOST = 'rebound.example.org';

export interface View {
  width: number;
  height: number;
  theme: 'light' | 'dark';
}

export const WIDE: View = { width: 1440, height: 900, theme: 'light' };

/** Pages are looked at in each of these sizes: on a desk, on a phone, and at 200 % zoom of a screen of 1280 by 1024. */
export const EVERY_SIZE = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
  { width: 640, height: 512 },
] as const;

const THEMES = ['light', 'dark'] as const;

/** Milliseconds after which a page hangs. It only ends a test: a busy machine may take any time. */
const TIMEOUT = 120_000;

/** A folder for pictures of the pages, for docs/console/; without it, none are taken. */
const PICTURES = process.env['NETPROV_TEST_PICTURES'];

/** Keeps a picture of a page, if they are wanted. */
export async function keepPicture(page: Page, name: string, { width, theme }: View): Promise<void> {
  if (PICTURES === undefined) return;
  // The board is painted in the next frame.
  await page.evaluate('new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))');
  await page.screenshot({ path: join(PICTURES, `${name}-${width}-${theme}.png`) });
}

interface AxeFindings {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** A real browser without a window. It notes every error of every page: a page should have none. */
export class TestBrowser {
  readonly errors: string[] = [];
  readonly #contexts: BrowserContext[] = [];
  #browser: Browser | null = null;

  static async start(): Promise<TestBrowser> {
    const browser = new TestBrowser();
    await browser.#launch();
    return browser;
  }

  /**
   * A browser for a suite. Call it in a describe, because it adds the hooks: after each test, the pages are closed, and
   * none of them may have had an error.
   */
  static inSuite(): TestBrowser {
    const browser = new TestBrowser();
    before(() => browser.#launch());
    afterEach(async () => {
      await browser.closePages();
      expect(browser.errors.splice(0), 'errors of pages').to.deep.equal([]);
    });
    after(() => browser.stop());
    return browser;
  }

  async #launch(): Promise<void> {
    // The sandbox of Chromium does not work for root, nor in most containers.
    const args = ['--no-sandbox', `--host-resolver-rules=MAP ${REBOUND_HOST} 127.0.0.1`];
    this.#browser = await chromium.launch({ executablePath: CHROMIUM, args, timeout: TIMEOUT });
  }

  /** A page of a new person: without cookies of other pages. */
  async open(url: string, { width, height, theme }: View = WIDE): Promise<Page> {
    if (this.#browser === null) throw new Error('the browser is not started');
    const context = await this.#browser.newContext({ viewport: { width, height }, colorScheme: theme });
    this.#contexts.push(context);
    context.setDefaultTimeout(TIMEOUT);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      // The browser reports refused requests too, which tests provoke.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        this.errors.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Closes the pages, with their cookies. */
  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }
}

/** What axe finds on a page: each rule, why, and where. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // A script tag would be refused by the page's Content-Security-Policy.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeFindings>('axe.run(document, { resultTypes: ["violations"] })');
  return violations.map(({ id, help, nodes }) => {
    const [first] = nodes;
    return `${id}: ${help}: ${first?.html ?? ''}: ${first?.failureSummary ?? ''} (${nodes.length})`;
  });
}

/** Calls `look` with the page in light and in dark colors. */
export async function inBothThemes(page: Page, look: (theme: View['theme']) => Promise<void>): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await look(theme);
  }
}

/** How many pixels a page is wider than its window: people with a zoom must not have to scroll sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  );
}
