import type { CDPSession, Page } from 'playwright-core';

import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBrowser } from '../../testkit/servers/browser.js';
import { MEGABYTE } from '../comparison/output.js';
import { memoryOf } from '../processes/proc.js';
import { COUNT, COUNTED, type Frames } from './frames.js';

/** Memory of the page, in MB. */
export interface PageMemory {
  /** JavaScript's heap after a garbage collection. */
  heap_mb: number;
  /** Resident set of the browser's process for pages, which Chromium shrinks when it likes. */
  rss_mb: number;
}

interface ProcessInfo {
  type: string;
  id: number;
  cpuTime: number;
}

/** The console's board in a real Chromium, whose bytes are counted on their way from the API. */
export class WatchedPage {
  private constructor(
    private readonly browser: TestBrowser,
    private readonly proxy: TcpProxy,
    private readonly page: Page,
    private readonly ofPage: CDPSession,
    private readonly ofBrowser: CDPSession,
  ) {}

  /** Opens the board, and waits until it shows all nodes. */
  static async open(endpoint: string, nodes: number): Promise<WatchedPage> {
    const { hostname, port } = new URL(endpoint);
    const proxy = await TcpProxy.start({ hostname, port: Number(port) });
    const browser = await TestBrowser.start();
    const page = await browser.open(`http://127.0.0.1:${proxy.port}/console/`);
    await page.getByText(`${nodes.toLocaleString('en')} nodes`, { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const ofBrowser = await page.context().browser()?.newBrowserCDPSession();
    if (ofBrowser === undefined) throw new Error('a page without a browser');
    const ofPage = await page.context().newCDPSession(page);
    await ofPage.send('Performance.enable');
    return new WatchedPage(browser, proxy, page, ofPage, ofBrowser);
  }

  /** Bytes that it has got so far, headers included. */
  get bytes(): number {
    return this.proxy.delivered;
  }

  async count(): Promise<void> {
    await this.page.evaluate(COUNT);
  }

  /** The frames since `count`. */
  counted(): Promise<Frames> {
    return this.page.evaluate<Frames>(COUNTED);
  }

  async memory(): Promise<PageMemory> {
    await this.ofPage.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.ofPage.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
    const pages = (await this.#processes()).filter(({ type }) => type === 'renderer');
    const rss = pages.reduce((sum, { id }) => sum + memoryOf(id, 'VmRSS'), 0);
    return { heap_mb: heap / MEGABYTE, rss_mb: rss / MEGABYTE };
  }

  /** Seconds of processor time so far of all processes of the browser. */
  async processorTime(): Promise<number> {
    return (await this.#processes()).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  }

  /** @throws Error when the page had an error */
  async close(): Promise<void> {
    await this.browser.stop();
    await this.proxy.stop();
    const [error] = this.browser.errors;
    if (error !== undefined) throw new Error(`the page had an error: ${error}`);
  }

  async #processes(): Promise<ProcessInfo[]> {
    const { processInfo } = await this.ofBrowser.send('SystemInfo.getProcessInfo');
    return processInfo;
  }
}
