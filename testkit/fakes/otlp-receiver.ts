import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number | string; boolValue?: boolean };
}

/** A span in the form of OTLP's JSON. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status: { code: number; message?: string };
}

interface Batch {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ReceivedSpan[] }[] }[];
}

/** OTLP's numbers for the kinds of spans. */
export const SPAN_KIND = { internal: 1, client: 3, consumer: 5 } as const;
export const STATUS_ERROR = 2;

/** Receives traces as a collector does, as OTLP over HTTP in JSON, and keeps them for a test to examine. */
export class OtlpReceiver {
  readonly bodies: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const fits = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
        if (fits) this.bodies.push(Buffer.concat(chunks).toString());
        response.writeHead(fits ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get spans(): ReceivedSpan[] {
    return this.#batches().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  /** The attributes of the resources from which the spans come. */
  get resources(): Record<string, unknown>[] {
    return this.#batches().map(({ resource }) => attributesOf(resource));
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #batches(): Batch['resourceSpans'] {
    return this.bodies.flatMap((body) => (JSON.parse(body) as Batch).resourceSpans);
  }
}

export function attributesOf({ attributes }: { attributes: Attribute[] }): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
