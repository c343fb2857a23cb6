import { readFileSync } from 'node:fs';

import type { Agent } from 'undici';

import type { ServiceOptions } from './service-options.js';

export type HttpOptions = Pick<ServiceOptions, 'cafile' | 'certfile' | 'keyfile' | 'insecure' | 'timeout'> & {
  /** The most connections to one server. Further requests wait for a free one, at most for the timeout. */
  max_connections: number;
};

/** The largest answer that is read, in bytes. 10,000 ports are about 10 MB. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/**
 * Milliseconds without traffic after which the system asks whether the other end of a connection is still there. A
 * request whose connection was lost without a word then fails within half a minute.
 */
const KEEP_ALIVE_DELAY = 15_000;

/** The kept-alive connections of one client to its servers. */
export class Connections {
  readonly #options: Agent.Options;
  #agent: Promise<Agent> | null = null;

  /** @throws when a certificate file cannot be read */
  constructor(options: HttpOptions) {
    this.#options = {
      connections: options.max_connections,
      maxResponseSize: MAX_RESPONSE_BYTES,
      connect: {
        timeout: options.timeout * 1000,
        keepAliveInitialDelay: KEEP_ALIVE_DELAY,
        rejectUnauthorized: !options.insecure,
        ...file('ca', options.cafile),
        ...file('cert', options.certfile),
        ...file('key', options.keyfile),
      },
    };
  }

  /** undici's agent, which gives each request a connection. */
  agent(): Promise<Agent> {
    return (this.#agent ??= this.#open());
  }

  /** Loads undici with the first request: a worker that never asks a service starts a tenth of a second faster. */
  async #open(): Promise<Agent> {
    const { Agent } = await import('undici');
    return new Agent(this.#options);
  }

  /** Closes the connections. Running requests fail. */
  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }
}

function file(name: 'ca' | 'cert' | 'key', path: string | null): Record<string, string> {
  return path === null ? {} : { [name]: readFileSync(path, 'utf8') };
}
