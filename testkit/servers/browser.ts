import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, which script/test installs. */
const CHROMIUM = '/usr/bin/chromium';

/** The source of axe, which looks for what people with disabilities cannot use. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface View {
  width: number;
  height: number;
  theme: 'light' | 'dark';
}

export const WIDE: View = { width: 1440, height: 900, theme: 'light' };

interface AxeFindings {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** A real browser without a window. It notes every error of every page: a page should have none. */
export class TestBrowser {
  readonly errors: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<TestBrowser> {
    // The sandbox of Chromium does not work for root, nor in most containers.
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }));
  }

  /** A page of a new person: without cookies of other pages. */
  async open(url: string, { width, height, theme }: View = WIDE): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: theme });
    this.#contexts.push(context);
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

  stop(): Promise<void> {
    return this.browser.close();
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
