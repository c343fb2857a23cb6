import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Returns the length of the frame that begins with these bytes; null if there are too few bytes to tell. */
type FrameLength = (bytes: Buffer) => number | null;

/** A packet of the MySQL protocol: three bytes with the length, one with the sequence number, and the payload. */
export const mysqlFrame: FrameLength = (bytes) => (bytes.length < 4 ? null : 4 + bytes.readUIntLE(0, 3));

/** A frame of AMQP 0-9-1: type, channel, four bytes with the length, payload, end mark. The first frame has 8 bytes. */
export const amqpFrame: FrameLength = (bytes) => {
  if (bytes.length < 8) return null;
  return bytes.toString('latin1', 0, 4) === 'AMQP' ? 8 : 8 + bytes.readUInt32BE(3);
};

/** Whether a client publishes a message with this frame (basic.publish). */
export function isPublish(frame: string): boolean {
  return frame.slice(7, 11) === '\u0000\u003c\u0000\u0028';
}

/**
 * connection.blocked: RabbitMQ sends it to a publisher while a resource is low. Source: RabbitMQ's extension of AMQP.
 */
export function blocked(reason: string): Buffer {
  return connectionMethod([0, 10, 0, 60, reason.length, ...Buffer.from(reason)]);
}

/** connection.unblocked: the broker accepts messages again. */
export function unblocked(): Buffer {
  return connectionMethod([0, 10, 0, 61]);
}

function connectionMethod(payload: number[]): Buffer {
  return Buffer.from([1, 0, 0, 0, 0, 0, payload.length, ...payload, 0xce]);
}

/**
 * What the proxy does with a frame to the server, and then with all later traffic on every connection. "hang before":
 * the server gets nothing more. "hang after": the server gets this frame and all later ones, but the client gets
 * nothing more.
 */
export type FrameFate = 'pass' | 'hang before' | 'hang after';

/** A TCP proxy on a port of 127.0.0.1 that stops at a chosen frame without closing a connection: its peer is silent. */
export class FrameProxy {
  /** Decides about each frame from the client, until one hangs. It gets the frame's bytes as latin1. */
  fate: (frame: string) => FrameFate = () => 'pass';
  #state: FrameFate = 'pass';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #near = new Set<Socket>();

  private constructor(
    private readonly target: { hostname: string; port: number },
    private readonly lengthOf: FrameLength,
  ) {
    this.#server = createServer((near) => {
      this.#join(near);
    });
  }

  static async start(target: { hostname: string; port: number }, lengthOf: FrameLength): Promise<FrameProxy> {
    const proxy = new FrameProxy(target, lengthOf);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whether the chosen frame has arrived. */
  get hangs(): boolean {
    return this.#state !== 'pass';
  }

  /** Closes every connection. Everything passes on new connections. */
  cut(): void {
    this.#state = 'pass';
    this.fate = () => 'pass';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Sends bytes to every client, as if they came from the server. */
  say(bytes: Buffer): void {
    for (const near of this.#near) near.write(bytes);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket): void {
    const far = connect(this.target.port, this.target.hostname);
    this.#near.add(near);
    near.on('close', () => this.#near.delete(near));
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    let rest = Buffer.alloc(0);
    near.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let size = this.lengthOf(rest); size !== null && size <= rest.length; size = this.lengthOf(rest)) {
        this.#forward(rest.subarray(0, size), far);
        rest = rest.subarray(size);
      }
    });
    far.on('data', (bytes) => {
      if (this.#state !== 'hang after') near.write(bytes);
    });
  }

  #forward(frame: Buffer, far: Socket): void {
    if (this.#state === 'pass') this.#state = this.fate(frame.toString('latin1'));
    if (this.#state !== 'hang before') far.write(frame);
  }
}
