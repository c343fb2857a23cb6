import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How an HTTP request begins, in clear text. */
const REQUEST_LINE = /^([A-Z]+ [^ ?]+)\S* HTTP\/1\.1\r\n/;

/**
 * Stands between a contestant and Neutron, and counts its HTTP requests.
 *
 * It passes bytes on, connection by connection, and only looks at them: an HTTP proxy would add a millisecond to every
 * request, to the gain of whoever makes fewer of them, and would mix up connections, which decide the API worker that
 * serves a request.
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
   * Begins a new count, without connections. Ironic opens one for nearly every request and leaves it open (the library
   * that it uses keeps up to 256 clients alive), and each takes one of the 100 places that an API worker of Neutron has.
   * A load balancer would close them in time.
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
    // Without pipelining, which neither contestant does, what follows an answer is the next request's beginning.
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
  }

  #note(data: Buffer): void {
    const [, request] = REQUEST_LINE.exec(data.toString('latin1')) ?? [];
    this.#requests.push(request ?? 'unreadable');
  }
}
