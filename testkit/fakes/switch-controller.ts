import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Attachment {
  id: string;
  node: string;
  network: string;
  switch_id: string;
  port_id: string;
  state: 'pending' | 'active' | 'error';
}

/** A site's own switch controller, with the API that examples/provider uses. */
export class SwitchController {
  readonly attachments = new Map<string, Attachment>();
  /** Method and path of every request. */
  readonly requests: string[] = [];
  /** Decides about each request: "pass", a status that is returned without doing anything, or "hang". */
  fate: (request: string) => number | 'hang' | 'pass' = () => 'pass';
  /** The state of a new attachment. */
  begins: Attachment['state'] = 'active';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(): Promise<SwitchController> {
    const controller = new SwitchController();
    controller.#server.listen(0, '127.0.0.1');
    await once(controller.#server, 'listening');
    return controller;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The networks of a node's switch ports. */
  networksOf(node: string): string[] {
    return [...this.attachments.values()]
      .filter((attachment) => attachment.node === node)
      .map(({ port_id, network }) => `${port_id} ${network}`)
      .sort();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const line = `${method} ${url}`;
    this.requests.push(line);
    const body = method === 'PUT' ? await json(request) : {};
    const fate = this.fate(line);
    if (fate === 'hang') return;
    const [status, answer] = fate === 'pass' ? this.#work(method, url.split('/').at(-1) ?? '', body) : [fate, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #work(method: string, id: string, body: unknown): [number, object] {
    const found = this.attachments.get(id);
    if (method === 'PUT') {
      const wanted = { id, state: this.begins, ...(body as Omit<Attachment, 'id' | 'state'>) };
      const inTheWay = [...this.attachments.values()].find(
        (other) => other.id !== id && other.switch_id === wanted.switch_id && other.port_id === wanted.port_id,
      );
      if (inTheWay) return [409, { message: `${wanted.port_id} is plugged in for node ${inTheWay.node}` }];
      this.attachments.set(id, found ?? wanted);
      return [200, this.#shown(found ?? wanted)];
    }
    if (!found) return [404, {}];
    if (method === 'DELETE') this.attachments.delete(id);
    else if (found.state === 'pending') found.state = 'active';
    return [200, this.#shown(found)];
  }

  #shown({ id, node, state, network }: Attachment): object {
    return { id, node, state, network_id: network };
  }
}
