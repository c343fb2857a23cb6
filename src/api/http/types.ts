import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The first minor version that has this route; older versions get 404. Default: 1. */
    since?: number;
  }
}

declare module 'zod' {
  interface GlobalMeta {
    /** The first version of the API that has it, such as 1.20. */
    'x-since'?: string;
  }
}

/** Fastify with zod schemas for its routes. */
export type ApiServer = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;
