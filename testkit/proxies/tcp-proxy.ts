import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

import { freePort } from './free-port.js';

export interface ProxyTarget {
  hostname: string;
  port: number;
}

/**
 * A TCP proxy on a port of 127.0.0.1 that fails on demand. With TLS options, it terminates TLS before a plain server.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #hanging = false;
  #delivered = 0;

  private constructor(
    private readonly target: ProxyTarget,
    readonly port: number,
    tls?: TlsOptions,
  ) {
    const accept = (socket: Socket): void => {
      this.#join(socket);
    };
    this.#server = tls ? createTlsServer(tls, accept) : createServer(accept);
    // A TLS client that refuses the connection: the test examines the client's own error.
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(target: ProxyTarget, tls?: TlsOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, await freePort(), tls);
    await proxy.up();
    return proxy;
  }

  /** Bytes that it has passed on to clients so far. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Number of open connections through the proxy. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Drops all connections, as a router does that resets. New connections are accepted. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    this.#pairs.clear();
  }

  /** Stops all traffic without closing a connection: its peer is silent. */
  hang(): void {
    this.#hanging = true;
    for (const pair of this.#pairs) this.#apply(pair);
  }

  resume(): void {
    this.#hanging = false;
    for (const pair of this.#pairs) this.#apply(pair);
  }

  /** Refuses new connections and drops the open ones, as if the host had died. */
  async down(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.down();
  }

  #join(near: Socket): void {
    const far = connect(this.target.port, this.target.hostname);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const part = (): void => {
      near.destroy();
      far.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.on('error', part);
      socket.on('close', part);
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      this.#delivered += data.length;
      near.write(data);
    });
    this.#apply(pair);
  }

  #apply(pair: readonly [Socket, Socket]): void {
    for (const socket of pair) {
      if (this.#hanging) socket.pause();
      else socket.resume();
    }
  }
}
