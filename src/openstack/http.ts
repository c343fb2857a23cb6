import { type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';
import { setImmediate } from 'node:timers/promises';

import type { Dispatcher } from 'undici';

import { errorText } from '../async/error-text.js';
import { NetprovError, type ServiceName } from '../errors.js';
import { parseJson, stringifyJson } from '../json.js';
import { inSpan, markFailed, type SpanOptions, traceHeaders } from '../tracing/tracing.js';
import { Connections, type HttpOptions, MAX_RESPONSE_BYTES } from './connections.js';
import { OpenStackError, type OpenStackErrorDetails } from './errors.js';
import { exchange, NoFreeConnection } from './exchange.js';

export interface HttpRequest {
  /** Our name for the kind of request, such as create_port. There are only a few such names. */
  call: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  /** The body, which is sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Seconds to wait for the answer, in place of the option timeout. */
  limit?: number;
  /** Seconds, if this request must take less time than that. */
  timeout?: number | undefined;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** The parsed JSON. Undefined if there is no body, or if it is not JSON, such as a proxy's error page. */
  body: unknown;
}

/** How a request ended: the HTTP status, or why there is no usable answer. */
export type RequestOutcome = number | 'timeout' | 'unreachable' | 'unusable' | 'aborted';

/** Called for each request when it has ended, with the seconds that it took. */
export type RequestObserver = (call: string, outcome: RequestOutcome, seconds: number) => void;

const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** Errors that mean that the answer or its headers are too large. */
const TOO_LARGE_CODES = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW']);

/** Errors of a kept-alive connection that the server closed just as a request was sent. */
const STALE_CODES = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** Sends JSON over HTTP with kept-alive connections. Every request has timeouts, and no request follows a redirect. */
export class HttpClient {
  readonly #connections: Connections;
  readonly #timeout: number;

  /**
   * @param service whose requests these are: errors name it
   * @throws when a certificate file cannot be read
   */
  constructor(
    private readonly service: ServiceName,
    options: HttpOptions,
    private readonly observe: RequestObserver = () => undefined,
  ) {
    this.#timeout = options.timeout;
    this.#connections = new Connections(options);
  }

  /**
   * Sends one request and reads the whole answer, whatever its status.
   *
   * @throws OpenStackError when there is no usable answer; the signal's reason when the signal is aborted
   */
  send(request: HttpRequest): Promise<HttpResponse> {
    return inSpan(
      request.call,
      () => spanOf(request),
      async (span) => {
        const response = await this.#observed(request);
        span?.setAttribute('http.response.status_code', response.status);
        if (span && response.status >= 400) markFailed(span, new HttpStatus(response.status));
        return response;
      },
    );
  }

  async #observed(request: HttpRequest): Promise<HttpResponse> {
    const begin = performance.now();
    const ended = (outcome: RequestOutcome): void => {
      this.observe(request.call, outcome, (performance.now() - begin) / 1000);
    };
    try {
      const response = await this.#send(request);
      ended(response.status);
      return response;
    } catch (error) {
      ended(outcomeOf(error));
      throw error;
    }
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const options = this.#prepare(request);
    try {
      return await this.#once(request, options);
    } catch (error) {
      // The server may close an idle connection just as we use it. A GET can be repeated safely on a new connection.
      const stale = request.method === 'GET' && STALE_CODES.has(errorCode(error));
      if (!stale || request.signal?.aborted === true) throw this.#explain(request, error);
    }
    try {
      return await this.#once(request, options);
    } catch (error) {
      throw this.#explain(request, error);
    }
  }

  /**
   * Makes undici's request, and checks that it can be sent. The check must be here: undici throws at an invalid
   * request, and then that connection of its pool takes no more requests.
   *
   * @throws OpenStackError with the fault invalid
   */
  #prepare(request: HttpRequest): Dispatcher.DispatchOptions {
    try {
      const { origin, pathname, search, protocol } = new URL(request.url);
      if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${protocol} is neither http: nor https:`);
      const headers: Record<string, string> = { accept: 'application/json', ...request.headers, ...traceHeaders() };
      const body = request.body === undefined ? null : stringifyJson(request.body);
      if (body !== null) headers['content-type'] = 'application/json';
      for (const [name, value] of Object.entries(headers)) {
        validateHeaderName(name);
        validateHeaderValue(name, value);
      }
      const milliseconds = this.#milliseconds(request);
      const timeouts = { headersTimeout: milliseconds, bodyTimeout: milliseconds };
      return { origin, path: pathname + search, method: request.method, headers, body, ...timeouts };
    } catch (error) {
      const reason = errorText(error);
      throw this.#error(`${nameOf(request)} cannot be sent: ${reason}`, {
        fault: 'invalid',
        transient: false,
        cause: error,
      });
    }
  }

  /** Milliseconds for each wait: for a connection, for the answer to begin, and for a pause within the answer. */
  #milliseconds({ limit = this.#timeout, timeout = limit }: HttpRequest): number {
    return Math.ceil(Math.min(timeout, limit) * 1000);
  }

  async #once(request: HttpRequest, options: Dispatcher.DispatchOptions): Promise<HttpResponse> {
    const agent = await this.#connections.agent();
    const { status, headers, text } = await exchange(agent, options, this.#milliseconds(request), request.signal);
    // undici gives the connection back in the next turn of the event loop. Before that, the next request would open
    // another one.
    await setImmediate();
    return { status, headers, body: parse(text) };
  }

  #explain(request: HttpRequest, error: unknown): unknown {
    if (request.signal?.aborted === true) return request.signal.reason;
    const what = nameOf(request);
    const code = error instanceof NoFreeConnection ? error.message : errorCode(error);
    if (TIMEOUT_CODES.has(code) || error instanceof NoFreeConnection) {
      const message = `${what} was not answered within ${this.#milliseconds(request) / 1000} s (${code})`;
      return this.#error(message, { fault: 'timeout', transient: true, cause: error });
    }
    if (TOO_LARGE_CODES.has(code)) {
      const message = `the answer to ${what} is larger than ${MAX_RESPONSE_BYTES} bytes, or its headers too large`;
      return this.#error(message, { fault: 'unusable', transient: false, cause: error });
    }
    const reason = error instanceof Error && error.message !== '' ? error.message : code;
    return this.#error(`${what} got no answer: ${reason}`, { fault: 'unreachable', transient: true, cause: error });
  }

  #error(message: string, details: Omit<OpenStackErrorDetails, 'service'>): OpenStackError {
    return new OpenStackError(message, { ...details, service: this.service });
  }

  /** Closes the connections. Running requests fail. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

/** An HTTP error status as an error on a span. OpenTelemetry's conventions name it by its number. */
class HttpStatus extends NetprovError {
  readonly code = 'http_status';

  constructor(status: number) {
    super(`answered with ${status}`);
    this.name = String(status);
  }
}

/** A span's attributes, by OpenTelemetry's conventions for HTTP clients. They leave out the query, as messages do. */
function spanOf({ call, method, url }: HttpRequest): SpanOptions {
  if (!URL.canParse(url)) return { kind: 'client', attributes: { 'netprov.call': call } };
  const { origin, pathname, hostname, port, protocol } = new URL(url);
  return {
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'url.full': origin + pathname,
      'server.address': hostname,
      'server.port': Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port),
      'netprov.call': call,
    },
  };
}

function outcomeOf(error: unknown): RequestOutcome {
  if (!(error instanceof OpenStackError)) return 'aborted';
  const { fault } = error;
  return fault === 'timeout' || fault === 'unreachable' ? fault : 'unusable';
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The code that undici or the system gave an error. '' if it has none. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The request as messages name it. */
function nameOf({ method, url }: HttpRequest): string {
  return `${method} ${withoutQuery(url)}`;
}

/** The URL for messages. It leaves out the query, which is long and says little. */
export function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
