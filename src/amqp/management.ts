import { z } from 'zod';

import { errorText } from '../async/error-text.js';
import { limitedSignal } from '../async/limited-signal.js';
import { NetprovError } from '../errors.js';

/** The management API did not answer, or not as RabbitMQ does. The message never contains a password. */
export class ManagementFailed extends NetprovError {
  readonly code = 'management_failed';
}

/** A queue in /api/queues/{vhost}: its arguments, its policies, and the brokers that hold it. */
const Queue = z.object({
  name: z.string(),
  type: z.string().optional(),
  arguments: z.record(z.string(), z.unknown()).catch({}),
  /** Name of the one user policy that applies to the queue. */
  policy: z.string().nullish(),
  /** The merged definition of user and operator policies. RabbitMQ sends an empty list if there are none. */
  effective_policy_definition: z.record(z.string(), z.unknown()).catch({}),
  /** The brokers that hold a replica of a quorum queue; `online` lists those that are running. */
  members: z.array(z.string()).optional(),
  online: z.array(z.string()).optional(),
});
export type ManagedQueue = z.infer<typeof Queue>;

const Overview = z.object({ rabbitmq_version: z.string() });

/** A policy to set. Source: RabbitMQ's HTTP API, /api/policies/{vhost}/{name}. */
export interface Policy {
  name: string;
  /** Regular expression that matches names of queues. */
  pattern: string;
  definition: Readonly<Record<string, unknown>>;
  /** If several policies match a queue, the one with the highest priority applies. */
  priority: number;
}

export interface ManagementOptions {
  /** For example http://user:password@rabbit1:15672. The path is ignored. */
  url: URL;
  /** Used if the URL has no user or password. */
  login: { username: string; password: string };
  /** Milliseconds for each answer. */
  timeout: number;
  signal?: AbortSignal;
}

/** RabbitMQ's management API. The user needs the tag "monitoring", and "policymaker" to set a policy. */
export class ManagementApi {
  readonly #options: ManagementOptions;
  readonly #authorization: string;

  constructor(options: ManagementOptions) {
    this.#options = options;
    const { url, login } = options;
    const username = decodeURIComponent(url.username) || login.username;
    const password = decodeURIComponent(url.password) || login.password;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** The broker's version, such as 4.0.5. @throws ManagementFailed */
  async version(): Promise<string> {
    return (await this.get('/api/overview', Overview)).rabbitmq_version;
  }

  /** The queues of a virtual host. @throws ManagementFailed */
  queues(virtualHost: string): Promise<ManagedQueue[]> {
    return this.get(`/api/queues/${encodeURIComponent(virtualHost)}`, z.array(Queue));
  }

  /** Creates a policy, or replaces the one with the same name. @throws ManagementFailed */
  async setPolicy(virtualHost: string, { name, ...policy }: Policy): Promise<void> {
    const path = `/api/policies/${encodeURIComponent(virtualHost)}/${encodeURIComponent(name)}`;
    await this.#ask('PUT', path, { ...policy, 'apply-to': 'queues' });
  }

  /** @throws ManagementFailed */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const read = schema.safeParse(await this.#ask('GET', path));
    if (!read.success) throw new ManagementFailed(`${path} gave an answer that is not RabbitMQ's`);
    return read.data;
  }

  /** Returns the body of the answer; undefined if it is not JSON. */
  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const { url, timeout, signal } = this.#options;
    const limit = limitedSignal(timeout, signal);
    try {
      const response = await fetch(new URL(path, url.origin), {
        method,
        headers: { authorization: this.#authorization, ...(body && { 'content-type': 'application/json' }) },
        signal: limit.signal,
        redirect: 'error',
        ...(body && { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        throw new ManagementFailed(reasonOf(error), { cause: error });
      });
      if (!response.ok) throw new ManagementFailed(`${path} answered ${response.status}`);
      return await response.json().catch(() => undefined);
    } finally {
      limit.release();
    }
  }
}

/** The reason in an error of fetch. Its own message is only "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? reasonOf(error.cause) : errorText(error);
}
