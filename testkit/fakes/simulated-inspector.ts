import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Introspection {
  uuid: string;
  finished: boolean;
  error: string | null;
}

/**
 * Plays ironic-inspector, and the ramdisk that reports to it: a node is inspected until a test says that it is done.
 *
 * Source: ironic-inspector's HTTP API, version 1.
 */
export class SimulatedInspector {
  /** What was asked of it: UUIDs of nodes, and whether ironic-inspector was to boot them itself. */
  readonly started: { node: string; managesBoot: boolean }[] = [];
  readonly #introspections = new Map<string, Introspection>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { status, body } = this.#answer(request.method ?? '', new URL(request.url ?? '/', this.url));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  static async start(): Promise<SimulatedInspector> {
    const inspector = new SimulatedInspector();
    inspector.#server.listen(0, '127.0.0.1');
    await once(inspector.#server, 'listening');
    return inspector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The ramdisk has reported. */
  finish(node: string, error: string | null = null): void {
    this.#introspections.set(node, { uuid: node, finished: true, error });
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(method: string, { pathname, searchParams }: URL): { status: number; body: object } {
    const [, node, abort] = /^\/v1\/introspection\/([^/]+)(\/abort)?$/.exec(pathname) ?? [];
    if (node === undefined) {
      const links = [{ rel: 'self', href: `${this.url}/v1` }];
      return { status: 200, body: { versions: [{ id: '1.18', status: 'CURRENT', links }] } };
    }
    if (method === 'POST') {
      if (abort === undefined) {
        this.started.push({ node, managesBoot: searchParams.get('manage_boot')?.toLowerCase() !== 'false' });
        this.#introspections.set(node, { uuid: node, finished: false, error: null });
      } else this.finish(node, 'Canceled by operator');
      return { status: 202, body: {} };
    }
    const known = this.#introspections.get(node);
    if (known === undefined) return { status: 404, body: { error: { message: `node ${node} is not known` } } };
    return { status: 200, body: { ...known, state: known.finished ? 'finished' : 'waiting' } };
  }
}
