import { Pool } from 'undici';

import { pause } from '../../src/async/pause.js';
import { type Timed, timed } from '../comparison/timed.js';
import type { Child } from '../processes/child.js';

/** The newest API version that both contestants serve. */
const HEADERS = { 'x-openstack-ironic-api-version': '1.81', 'content-type': 'application/json' };
const STARTED_WITHIN = 60_000;
const LOOK_EVERY = 200;

/** A request that is made again and again. */
export interface Ask {
  method: 'GET' | 'PATCH' | 'POST';
  /** The path for the request with this number, counted from 0. */
  path: (number: number) => string;
  body?: (number: number) => unknown;
  /** @throws Error when the answer is wrong */
  check: (answer: unknown, number: number) => void;
}

/**
 * Makes a number of requests, with a constant number of them under way, each on a connection that stays open.
 *
 * @throws Error when a request fails, or its answer is wrong
 */
export async function ask(
  endpoint: string,
  asked: Ask,
  { count, inFlight }: { count: number; inFlight: number },
  signal: AbortSignal,
): Promise<Timed> {
  const pool = new Pool(endpoint, { connections: inFlight, pipelining: 1 });
  const request = (number: number): Promise<string> => answerTo(pool, asked, number, signal);
  const check = (text: string, number: number): void => {
    asked.check(JSON.parse(text), number);
  };
  try {
    return await timed({ count, inFlight }, request, check, signal);
  } finally {
    await pool.destroy();
  }
}

async function answerTo(pool: Pool, { method, path, body }: Ask, number: number, signal: AbortSignal): Promise<string> {
  const content = body === undefined ? {} : { body: JSON.stringify(body(number)) };
  const { statusCode, body: answer } = await pool.request({
    method,
    path: path(number),
    headers: HEADERS,
    signal,
    ...content,
  });
  const text = await answer.text();
  if (statusCode >= 300) throw new Error(`${method} ${path(number)}: ${statusCode} ${text.slice(0, 500)}`);
  return text;
}

/**
 * Waits until a server's answer contains the text.
 *
 * @throws Error when one of the programs has ended, or when there is no such answer in time
 */
export async function answers(url: string, text: string, programs: Child[], signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + STARTED_WITHIN;
  for (;;) {
    const answer = await fetch(url, { headers: HEADERS, signal }).catch(() => null);
    if (answer?.ok && (await answer.text()).includes(text)) return;
    const ended = programs.find(({ running }) => !running);
    if (ended) throw ended.failure('ended before it answered');
    if (Date.now() > deadline)
      throw programs[0]?.failure(`did not answer ${url}`) ?? new Error(`no answer from ${url}`);
    await pause(LOOK_EVERY, signal);
    signal.throwIfAborted();
  }
}
