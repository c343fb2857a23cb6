import { z } from 'zod';

import { parseJson } from '../json.js';
import { type Auth, NoAuth } from '../openstack/auth.js';
import { OpenStackError, refusal, requestIdIn } from '../openstack/errors.js';
import { HttpClient, type HttpResponse } from '../openstack/http.js';
import { KeystoneAuth } from '../openstack/keystone.js';
import type { ServiceOptions } from '../openstack/service-options.js';
import { API_VERSION, IRONIC, IronicNode, type IronicPart, LISTS } from './nodes-and-ports.js';

/** The most connections to Ironic's API. It is asked for one page after the other. */
const CONNECTIONS = 4;
/** The most items on a page. A node has about 3 kB, and Ironic's own limit (max_limit) is 1000. */
const PAGE = '500';

/**
 * Reads Ironic's API. It changes nothing there.
 *
 * Every method can throw an OpenStackError, whose message names the request.
 */
export class IronicClient {
  readonly #http: HttpClient;
  readonly #auth: Auth;

  /** @throws when a certificate file cannot be read */
  constructor(options: ServiceOptions) {
    this.#http = new HttpClient('ironic', { ...options, max_connections: CONNECTIONS });
    const { auth_type } = options;
    this.#auth =
      auth_type === 'none'
        ? new NoAuth(IRONIC, options)
        : new KeystoneAuth(IRONIC, this.#http, { ...options, auth_type });
  }

  /** All nodes, page by page. */
  async *pagesOfNodes(): AsyncGenerator<IronicNode[]> {
    yield* this.#pages('nodes', {}) as AsyncGenerator<IronicNode[]>;
  }

  /** The node with this UUID. Null: Ironic has no such node. */
  async node(uuid: string): Promise<IronicNode | null> {
    const path = `/v1/nodes/${encodeURIComponent(uuid)}`;
    const response = await this.#send(path, '');
    if (response.status === 404) return null;
    return read(IronicNode, accepted(path, response), path);
  }

  /** The ports, or the portgroups, of a node. @param node undefined: of all nodes */
  async parts(name: 'ports' | 'portgroups', node?: string): Promise<IronicPart[]> {
    const parts: IronicPart[] = [];
    for await (const page of this.#pages(name, node === undefined ? {} : { node }))
      parts.push(...(page as IronicPart[]));
    return parts;
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#http.close();
  }

  async *#pages(name: keyof typeof LISTS, filters: Record<string, string>): AsyncGenerator<{ uuid: string }[]> {
    const { path, schema, fields } = LISTS[name];
    const Body = z.object({ [name]: z.array(schema), next: z.string().optional() });
    const query = { ...filters, ...(fields.length > 0 ? { fields: fields.join(',') } : {}), limit: PAGE };
    let marker: string | undefined;
    do {
      const more = marker === undefined ? {} : { marker };
      const search = new URLSearchParams({ ...query, ...more }).toString();
      const body = read(Body, accepted(path, await this.#send(path, `?${search}`)), path);
      const items = body[name] as { uuid: string }[];
      if (items.length > 0) yield items;
      // The link may have an address that is only valid for the server itself. Its marker is the last item.
      const last = items.at(-1)?.uuid;
      marker = body['next'] === undefined || last === marker ? undefined : last;
    } while (marker !== undefined);
  }

  async #send(path: string, search: string): Promise<HttpResponse> {
    const ask = async (): Promise<{ response: HttpResponse; again: boolean }> => {
      const access = await this.#auth.access(undefined);
      const headers = { ...access.headers, 'X-OpenStack-Ironic-API-Version': API_VERSION };
      const url = `${access.endpoint}${path}${search}`;
      const response = await this.#http.send({ call: 'read_ironic', method: 'GET', url, headers });
      return { response, again: response.status === 401 && this.#auth.refused(access) };
    };
    const { response, again } = await ask();
    return again ? (await ask()).response : response;
  }
}

/** The body of an answer. @throws OpenStackError when Ironic refused the request */
function accepted(path: string, { status, body, headers }: HttpResponse): unknown {
  if (status >= 200 && status <= 299) return body;
  const request = { service: 'ironic', what: `GET ${path}`, status, requestId: requestIdIn(headers) } as const;
  throw refusal(request, { type: '', message: messageIn(body) });
}

/** Ironic's message: {"error_message": {...}}, where the object may be in a text of JSON. */
function messageIn(body: unknown): string {
  const { error_message: outer, error } = Object(body) as Record<string, unknown>;
  const inner = Object(typeof outer === 'string' ? parsed(outer) : (outer ?? error)) as Record<string, unknown>;
  const message = inner['faultstring'] ?? inner['description'] ?? inner['message'];
  return typeof message === 'string' ? message : '';
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return { message: text };
  }
}

function read<T>(schema: z.ZodType<T>, body: unknown, path: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join('.') ?? '';
  throw new OpenStackError(
    `the answer to GET ${path} has no usable ${field === '' ? 'JSON' : field}: check that Ironic listens at ` +
      'ironic.endpoint_override, and that the user of section ironic may read nodes and ports as an administrator',
    { service: 'ironic', fault: 'unusable', transient: false },
  );
}
