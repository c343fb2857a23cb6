import type { DataSource } from 'typeorm';

import { NoAuthentication } from '../../src/api/auth/noauth.js';
import { withoutExtension } from '../../src/api/json-extension.js';
import { createApi, type ApiParts } from '../../src/api/server.js';
import type { ApiServer } from '../../src/api/types.js';
import { Nodes } from '../../src/inventory/nodes.js';
import { Portgroups } from '../../src/inventory/portgroups.js';
import { Ports, type CarryOver } from '../../src/inventory/ports.js';
import { ApiAnswers, type ApiDocument } from './api-answers.js';
import { apiOptions, noResources } from './api.js';
import { parseJson, stringifyJson } from '../../src/json.js';
import { recordingLogger } from './log.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface TestAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
  /** The faultstring of an error document. */
  fault: string;
}

/** The REST API on a real database. Each answer is held against the OpenAPI document. */
export class TestApi {
  readonly #answers: ApiAnswers;
  /** Who asks: X-Auth-Token. '': nobody in particular. */
  token = '';

  private constructor(
    private readonly server: ApiServer,
    private readonly document: ApiDocument,
  ) {
    this.#answers = new ApiAnswers(document);
  }

  /** @param parts what is otherwise than a server without RabbitMQ has it */
  static async start(
    dataSource: DataSource,
    { carryOver, ...parts }: Partial<ApiParts> & { carryOver?: CarryOver } = {},
  ): Promise<TestApi> {
    const nowhere = noResources();
    const server = await createApi(apiOptions({ maxLimit: 20 }), {
      ...nowhere,
      dataSource,
      nodes: new Nodes(dataSource, () => ['none', 'neutron', 'scripted']),
      ports: new Ports(dataSource, carryOver ?? (() => Promise.reject(new Error('this test has no worker')))),
      portgroups: new Portgroups(dataSource),
      log: recordingLogger().log,
      authenticator: new NoAuthentication(),
      ...parts,
    });
    return new TestApi(server, (await server.inject('/openapi.json')).json<ApiDocument>());
  }

  /** @param version null: no header */
  async ask(method: Method, url: string, body?: unknown, version: string | null = 'latest'): Promise<TestAnswer> {
    const answer = await this.server.inject({
      method,
      url,
      headers: {
        ...(this.token === '' ? {} : { 'x-auth-token': this.token }),
        ...(version === null ? {} : { 'x-openstack-ironic-api-version': version }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: stringifyJson(body) }),
    });
    const route = { method: method.toLowerCase(), path: this.#pathOf(url) };
    const problem = this.#answers.problemOf(route, answer.statusCode, answer.body);
    if (problem !== null) throw new Error(`${method} ${url}: ${problem}\n${answer.body}`);
    const read = answer.body === '' ? {} : (parseJson(answer.body) as Record<string, unknown>);
    const { error_message: error } = read;
    const fault = typeof error === 'string' ? (JSON.parse(error) as { faultstring: string }).faultstring : '';
    return { status: answer.statusCode, headers: answer.headers, body: read, fault };
  }

  get(url: string, version?: string | null): Promise<TestAnswer> {
    return this.ask('GET', url, undefined, version);
  }

  /** Creates something that is to be created. */
  async create(resource: 'nodes' | 'ports' | 'portgroups', body: object): Promise<Record<string, unknown>> {
    const { status, body: created, fault } = await this.ask('POST', `/v1/${resource}`, body);
    if (status !== 201) throw new Error(`${status}: ${fault}`);
    return created;
  }

  /** All items of a list, page by page. @returns their UUIDs */
  async walk(url: string, resource: string): Promise<string[]> {
    const found: string[] = [];
    for (let next: string | undefined = url; next !== undefined;) {
      const { body } = await this.get(next);
      found.push(...(body[resource] as { uuid: string }[]).map(({ uuid }) => uuid));
      next = (body['next'] as string | undefined)?.replace(/^http:\/\/[^/]+/, '');
    }
    return found;
  }

  close(): Promise<unknown> {
    return this.server.close();
  }

  /** The template that has the fewest variables comes first. */
  #pathOf(url: string): string {
    const asked = withoutExtension(url).replace(/\?.*|\/$/g, '');
    const fits = (path: string): boolean => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked);
    const [path = ''] = Object.keys(this.document.paths)
      .filter(fits)
      .sort((a, b) => a.split('{').length - b.split('{').length);
    return path;
  }
}

/** A JSON patch that replaces or adds fields, and removes those that are undefined. */
export function patchOf(fields: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(fields).map(([name, value]) =>
    value === undefined ? { op: 'remove', path: `/${name}` } : { op: 'add', path: `/${name}`, value },
  );
}
