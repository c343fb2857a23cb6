import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';

import { errorText } from '../../async/error-text.js';
import { pause } from '../../async/pause.js';
import { parseJson } from '../../json.js';
import { UsageError } from '../../services/errors.js';
import type { OperationSummary } from '../../state/index.js';
import type { OperationEvent } from '../../state/operation-watch.js';

/** Milliseconds before the command comes back to an API that was away or has ended the stream. */
const COME_BACK = 1000;
/** Longest answer that an error message quotes, in characters. */
const MAX_QUOTED = 300;

export interface FollowedStream {
  /** URL of the REST API. */
  api: string;
  /** Query parameters of the stream. */
  query: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Called when the API is away, once until it is back. */
  onAway: (reason: string) => void;
}

/** An event of the stream; or `reset`: what happened before is not sent. */
export type Streamed = OperationEvent | 'reset';

/**
 * Follows GET /v1/operations/events until the signal is aborted. It comes back after the API was away, and goes on after
 * the last event.
 *
 * @throws UsageError when the API refuses the request
 */
export async function* streamOperations({ api, query, signal, onAway }: FollowedStream): AsyncGenerator<Streamed> {
  const url = new URL('v1/operations/events', withSlash(api));
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  let last: string | undefined;
  let away = false;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) };
      const { body } = await ask(url, signal, headers);
      away = false;
      for await (const message of eventsIn(body)) {
        last = message.id ?? last;
        yield message.event === 'reset' ? 'reset' : readEvent(message.data);
      }
    } catch (error) {
      if (isOver()) return;
      if (error instanceof UsageError) throw error;
      if (!away) onAway(errorText(error));
      away = true;
    }
    await pause(COME_BACK, signal);
  }
}

/** Reads one operation; null: there is none with this id. @throws UsageError when the API refuses; Error when it is away */
export async function readOperation(api: string, id: string, signal: AbortSignal): Promise<OperationSummary | null> {
  const url = new URL(`v1/operations/${encodeURIComponent(id)}`, withSlash(api));
  const answer = await ask(url, signal, {}, [404]);
  return answer.status === 404 ? null : withTimes(parseJson(await answer.text()) as OperationSummary);
}

async function ask(url: URL, signal: AbortSignal, headers: object, accepted: number[] = []): Promise<Response> {
  const answer = await fetch(url, { signal, headers: { ...credentials(process.env), ...headers } });
  if (answer.ok || accepted.includes(answer.status)) return answer;
  const why = `${url.origin}${url.pathname} answers ${answer.status}: ${(await answer.text()).slice(0, MAX_QUOTED)}`;
  // These do not get better with time.
  if ([400, 401, 403, 404, 406].includes(answer.status))
    throw new UsageError(`${why}; set OS_TOKEN, or correct --api-url`);
  throw new Error(why);
}

/** The environment variables are those of OpenStack's clients. */
function credentials({ OS_TOKEN, OS_AUTH_TYPE, OS_USERNAME, OS_PASSWORD }: NodeJS.ProcessEnv): Record<string, string> {
  if (OS_AUTH_TYPE === 'http_basic') {
    const given = Buffer.from(`${OS_USERNAME ?? ''}:${OS_PASSWORD ?? ''}`).toString('base64');
    return { authorization: `Basic ${given}` };
  }
  return OS_TOKEN === undefined ? {} : { 'x-auth-token': OS_TOKEN };
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function eventsIn(body: Response['body']): AsyncIterable<EventSourceMessage> {
  if (body === null) throw new Error('the API sent no events');
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

function readEvent(data: string): OperationEvent {
  const { event, at, operation } = parseJson(data) as OperationEvent;
  return { event, at: new Date(at), operation: withTimes(operation) };
}

function withTimes<T extends OperationSummary>(operation: T): T {
  const { started_at, finished_at } = operation;
  return { ...operation, started_at: new Date(started_at), finished_at: finished_at && new Date(finished_at) };
}
