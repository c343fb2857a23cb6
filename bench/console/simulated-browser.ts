import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { pause } from '../../src/async/pause.js';
import { until } from '../../testkit/fixtures/poll.js';

const LIST = '/v1/whereabouts';
const HEADERS = { 'x-openstack-ironic-api-version': '1.111' };

/**
 * Simulates the requests of a browser with the console's board: it reads the list of all nodes, and then either follows
 * the stream of events, as the console does, or reads the list again and again. It shows nothing.
 */
export class SimulatedBrowser {
  /** How often it has read the whole list. */
  lists = 0;
  /** Whether the API has ended its stream. */
  lost = false;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** All sockets that it has had. */
  readonly #sockets = new Set<Socket>();
  readonly #over = new AbortController();
  #stream: IncomingMessage | null = null;
  #polling: Promise<void> = Promise.resolve();

  private constructor(private readonly endpoint: string) {}

  /** A browser that follows the stream, and has read the list. */
  static async following(endpoint: string): Promise<SimulatedBrowser> {
    const browser = new SimulatedBrowser(endpoint);
    browser.#stream = await browser.#get('/v1/operations/events');
    let begun = false;
    browser.#stream.on('data', (chunk: Buffer) => {
      begun ||= chunk.includes('event: reset');
    });
    browser.#stream.on('error', () => undefined);
    browser.#stream.on('close', () => (browser.lost = true));
    await until('the first event of a stream', () => begun);
    await browser.#readList();
    return browser;
  }

  /** A browser that reads the list again as soon as it has read it, at most once in so many milliseconds. */
  static async polling(endpoint: string, interval: number): Promise<SimulatedBrowser> {
    const browser = new SimulatedBrowser(endpoint);
    await browser.#readList();
    browser.#polling = browser.#poll(interval);
    // close() waits for the polling, and throws its error. Without this line, Node.js would end the process first.
    browser.#polling.catch(() => undefined);
    return browser;
  }

  /** Bytes that it has got so far, headers included. */
  get bytes(): number {
    return [...this.#sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  }

  /** @throws what a reading of the list threw */
  async close(): Promise<void> {
    this.#over.abort();
    this.#stream?.destroy();
    await this.#polling;
    this.#agent.destroy();
  }

  async #poll(interval: number): Promise<void> {
    while (!this.#over.signal.aborted) {
      const begin = performance.now();
      await this.#readList();
      await pause(Math.max(0, begin + interval - performance.now()), this.#over.signal);
    }
  }

  async #readList(): Promise<void> {
    for (let path: string | null = LIST; path !== null;) {
      const answer = await this.#get(path, this.#agent);
      const page = JSON.parse(await text(answer)) as { next?: string };
      path = page.next === undefined ? null : new URL(page.next).pathname + new URL(page.next).search;
    }
    this.lists += 1;
  }

  async #get(path: string, agent?: Agent): Promise<IncomingMessage> {
    const request = get(`${this.endpoint}${path}`, { headers: HEADERS, ...(agent === undefined ? {} : { agent }) });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    this.#sockets.add(answer.socket);
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode ?? ''} ${await text(answer)}`);
    return answer;
  }
}
