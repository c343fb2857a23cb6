import { once } from 'node:events';
import { createServer, type IncomingMessage, request as forward, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ProxiedRequest {
  /** Number of the request, counted from 0. */
  index: number;
  method: string;
  /** Path with the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** When it reached the proxy, in milliseconds since 1970. */
  at: number;
  /** The server's answer, once it has reached the proxy. Later changes in the server are not in it. */
  answer: { at: number; status: number; body: string } | null;
  /** Whether it gets no answer. */
  hangs: boolean;
}

/**
 * What the proxy does with a request. "before": the server never gets it. "after": the server handles it, but its
 * answer is lost. A status: the proxy answers with it in place of the server.
 */
export type Fate =
  | 'pass'
  | 'cut before'
  | 'cut after'
  | 'hang before'
  | 'hang after'
  | { status: number; body?: unknown; headers?: Record<string, string> };

/** An HTTP proxy on a port of 127.0.0.1 that counts requests and fails on demand. */
export class HttpProxy {
  /** All requests, in the order in which they arrived. */
  readonly requests: ProxiedRequest[] = [];
  /** Decides about each request. */
  fate: (request: ProxiedRequest) => Fate | Promise<Fate> = () => 'pass';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly target: URL) {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(target: string): Promise<HttpProxy> {
    const proxy = new HttpProxy(new URL(target));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Number of requests that hang now. */
  get hanging(): number {
    return this.requests.filter(({ hangs }) => hangs).length;
  }

  /** Forgets all requests so far, and lets all further requests pass. */
  reset(): void {
    this.requests.length = 0;
    this.fate = () => 'pass';
  }

  /** The requests so far, as "METHOD /path" without the query. */
  summary(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
  }

  /** Closes every connection, as a server does when it restarts. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const body = await read(request);
    const seen: ProxiedRequest = {
      index: this.requests.length,
      method,
      path,
      headers,
      body,
      at: Date.now(),
      answer: null,
      hangs: false,
    };
    this.requests.push(seen);
    const fate = await this.fate(seen);
    if (typeof fate === 'object') {
      response.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers });
      response.end(typeof fate.body === 'string' ? fate.body : JSON.stringify(fate.body ?? {}));
      return;
    }
    if (fate === 'cut before') request.socket.destroy();
    else if (fate === 'hang before') seen.hangs = true;
    else await this.#pass(seen, response, fate);
  }

  async #pass(seen: ProxiedRequest, response: ServerResponse, fate: Fate): Promise<void> {
    const url = new URL(seen.path, this.target);
    const headers = { ...seen.headers, host: this.target.host };
    const outgoing = forward(url, { method: seen.method, headers, agent: false });
    outgoing.end(seen.body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const text = await read(answer);
    seen.answer = { at: Date.now(), status: answer.statusCode ?? 502, body: text };
    if (fate === 'cut after') response.destroy();
    else if (fate === 'hang after') seen.hangs = true;
    else response.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
  }
}

async function read(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
