import type { IncomingHttpHeaders } from 'node:http';

import type { Dispatcher } from 'undici';

import { NetprovError } from '../errors.js';

/** An HTTP answer, not parsed yet. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Every connection to the server was busy for too long. */
export class NoFreeConnection extends NetprovError {
  readonly code = 'no_free_connection';

  constructor() {
    super('no free connection');
  }
}

/**
 * Sends a request and reads the whole answer. undici applies its timeouts and watches a signal only after a connection
 * has taken the request. This function applies both also while the request waits for a connection.
 *
 * @param timeout milliseconds to wait for a connection
 * @throws NoFreeConnection; the signal's reason; undici's errors
 */
export function exchange(
  agent: Dispatcher,
  options: Dispatcher.DispatchOptions,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    agent.dispatch(options, new Exchange(timeout, signal, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #givenUp: Error | null = null;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];

  constructor(
    timeout: number,
    private readonly signal: AbortSignal | undefined,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (reason: Error) => void,
  ) {
    this.#timer = setTimeout(() => {
      this.#giveUp(new NoFreeConnection());
    }, timeout);
    signal?.addEventListener('abort', this.#aborted);
  }

  /** Called when a connection has taken the request. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#timer);
    this.#controller = controller;
    // Do not send a request for which nobody waits any more.
    if (this.#givenUp) controller.abort(this.#givenUp);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    this.resolve({ status: this.#status, headers: this.#headers, text: Buffer.concat(this.#chunks).toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#settle();
    this.reject(error);
  }

  readonly #aborted = (): void => {
    this.#giveUp(this.signal?.reason as Error);
  };

  #giveUp(reason: Error): void {
    this.#givenUp = reason;
    this.#settle();
    this.reject(reason);
    this.#controller?.abort(reason);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.signal?.removeEventListener('abort', this.#aborted);
  }
}
