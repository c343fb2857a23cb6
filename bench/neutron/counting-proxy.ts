import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The beginning of an HTTP request, unencrypted. */
const REQUEST_LINE = /^([A-Z]+ [^ ?]+)\S* HTTP\/1\.1\r\n/;

/** Milliseconds after which an idle connection is closed, as a load balancer does. */
const IDLE = 2000;

/**
 * A proxy between a contestant and Neutron that counts HTTP requests.
 *
 * It passes on the bytes of each connection and only reads them. An HTTP proxy would add a millisecond to every
 * request, which favours the contestant with fewer requests. It would also mix up the connections, which decide the API
 * worker that serves a request.
 */
export class CountingProxy {
  #requests: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(private readonly target: URL) {
    this.#server = createServer((near) => {
      this.#join(near);
    });
  }

  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(target));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The requests since the last reset, as "METHOD /path". */
  get requests(): readonly string[] {
    return this.#requests;
  }

  /**
   * Starts a new count and closes all connections. Ironic opens a connection for nearly every request and leaves it
   * open (its library keeps up to 256 clients alive), and each takes one of the 100 places of an API worker of Neutron.
   * With many nodes at once the places would be used up before, so this also closes idle connections.
   */
  reset(): void {
    this.#requests = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.reset();
    await closed;
  }

  #join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    const part = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', part);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        part();
      });
    }
    // Neither contestant uses pipelining, so the first bytes after an answer are the beginning of the next request.
    let answered = true;
    near.on('data', (data) => {
      if (answered) this.#note(data);
      answered = false;
      far.write(data);
    });
    far.on('data', (data) => {
      answered = true;
      near.write(data);
    });
    near.setTimeout(IDLE);
    near.on('timeout', () => {
      if (answered) part();
    });
  }

  #note(data: Buffer): void {
    const [, request] = REQUEST_LINE.exec(data.toString('latin1')) ?? [];
    this.#requests.push(request ?? 'unreadable');
  }
}
