import { pause } from '../../src/async/pause.js';
import { NetprovApi } from '../api/netprov.js';
import type { Frames } from './frames.js';
import { SimulatedBrowser } from './simulated-browser.js';
import { SimulatedMoves } from './simulated-moves.js';
import { type PageMemory, WatchedPage } from './watched-page.js';

/** Browsers that follow the stream at once: one of them is real. */
export const BROWSERS = 50;
/** Milliseconds before a page is measured, in which code is compiled and caches are filled. */
const WARM_UP = 10_000;
/** Milliseconds between two readings of the list by a browser that polls: the stream shows a change as soon. */
const POLL = 1000;
/** Most seconds of the periods that do not last `minutes`. */
const SHORT = 60;

/** Simulated browsers that are opened at the same time. */
const AT_ONCE = 10;

export interface ConsoleBenchOptions {
  nodes: number;
  /** Moves a second. */
  moves: number;
  /** Minutes for which one browser is watched. */
  minutes: number;
}

/** One measurement: a number of browsers watched the board for some seconds. */
export interface Period {
  name: 'nobody' | 'one' | 'fifty' | 'still' | 'following' | 'polling';
  seconds: number;
  /** Moves that ended in it. */
  moves: number;
  /** Seconds of processor time of the API. */
  api_s: number;
  /** Seconds of processor time of the real browser; null: there is none. */
  browser_s: number | null;
  /** Bytes that one browser got: the real one, or else the simulated one; null: there is no browser. */
  bytes: number | null;
  /** Frames of the real browser; null: there is none. */
  frames: Frames | null;
  /** How often the first simulated browser read the whole list; null: there is none. */
  lists: number | null;
}

export interface Measured {
  periods: Period[];
  /** Memory of the real browser's page before and after the period `one`. */
  memory: { start: PageMemory; end: PageMemory };
  /** Most memory of the API, in bytes. */
  peakResidentSet: number;
}

/** The servers and browsers that take part in a measurement. */
interface Stage {
  api: NetprovApi;
  moves: SimulatedMoves;
  page: WatchedPage | null;
  simulated: readonly SimulatedBrowser[];
}

type Watch = (name: Period['name'], seconds: number, stage: Partial<Stage>) => Promise<void>;

/** Measures the API and a browser, one period after the other. */
export async function measure(
  options: ConsoleBenchOptions,
  signal: AbortSignal,
  tell: (period: Period) => void,
): Promise<Measured> {
  const periods: Period[] = [];
  const api = await NetprovApi.start(signal);
  try {
    const moves = await SimulatedMoves.open(api.database.dataSource, options.nodes);
    const watch: Watch = async (name, seconds, stage) => {
      const found = await measured(name, seconds, { api, moves, page: null, simulated: [], ...stage }, signal);
      periods.push(found);
      tell(found);
    };
    try {
      const memory = await playPeriods(options, { api, moves }, watch, signal);
      return { periods, memory, peakResidentSet: api.peakResidentSet() };
    } finally {
      await moves.stop();
    }
  } finally {
    await api.stop();
  }
}

async function playPeriods(
  { nodes, moves: rate, minutes }: ConsoleBenchOptions,
  { api, moves }: Pick<Stage, 'api' | 'moves'>,
  watch: Watch,
  signal: AbortSignal,
): Promise<Measured['memory']> {
  const short = Math.min(SHORT, minutes * 60);
  moves.start(rate);
  await watch('nobody', short, {});
  const page = await WatchedPage.open(api.endpoint, nodes);
  let memory: Measured['memory'];
  try {
    await pause(WARM_UP, signal);
    const start = await page.memory();
    await watch('one', minutes * 60, { page });
    memory = { start, end: await page.memory() };
    await withFollowers(BROWSERS - 1, api.endpoint, (simulated) => watch('fifty', short, { page, simulated }));
    await moves.stop();
    await pause(WARM_UP, signal);
    await watch('still', short, { page });
  } finally {
    await page.close();
  }
  moves.start(rate);
  await withFollowers(1, api.endpoint, (simulated) => watch('following', short, { simulated }));
  const poller = await SimulatedBrowser.polling(api.endpoint, POLL);
  try {
    await watch('polling', short, { simulated: [poller] });
  } finally {
    await poller.close();
  }
  return memory;
}

/** @throws Error when the API has ended the stream of one of them meanwhile */
async function withFollowers(
  count: number,
  endpoint: string,
  work: (browsers: readonly SimulatedBrowser[]) => Promise<void>,
): Promise<void> {
  const browsers: SimulatedBrowser[] = [];
  try {
    while (browsers.length < count) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - browsers.length) });
      browsers.push(...(await Promise.all(some.map(() => SimulatedBrowser.following(endpoint)))));
    }
    await work(browsers);
    if (browsers.some(({ lost }) => lost)) throw new Error('the API ended the stream of a simulated browser');
  } finally {
    for (const browser of browsers) await browser.close();
  }
}

async function measured(
  name: Period['name'],
  seconds: number,
  { api, moves, page, simulated }: Stage,
  signal: AbortSignal,
): Promise<Period> {
  const [first] = simulated;
  const read = async (): Promise<{ at: number; ended: number; api: number; browser: number; bytes: number }> => ({
    at: performance.now(),
    ended: moves.ended,
    api: api.processorTime(),
    browser: (await page?.processorTime()) ?? 0,
    bytes: page?.bytes ?? first?.bytes ?? 0,
  });
  const lists = first?.lists ?? 0;
  await page?.count();
  const before = await read();
  await pause(seconds * 1000, signal);
  signal.throwIfAborted();
  const frames = (await page?.counted()) ?? null;
  const after = await read();
  return {
    name,
    seconds: (after.at - before.at) / 1000,
    moves: after.ended - before.ended,
    api_s: after.api - before.api,
    browser_s: page === null ? null : after.browser - before.browser,
    bytes: page === null && first === undefined ? null : after.bytes - before.bytes,
    frames,
    lists: first === undefined ? null : first.lists - lists,
  };
}
