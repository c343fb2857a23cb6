import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The minor version that knows it first: to older ones it is not there. 1 where it is left out. */
    since?: number;
  }
}

declare module 'zod' {
  interface GlobalMeta {
    /** The version of the API that has it first, such as 1.20. */
    'x-since'?: string;
  }
}

/** Fastify, with routes whose schemas are zod's. */
export type ApiServer = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;
