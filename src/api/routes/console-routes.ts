import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import files from '@fastify/static';
import type { FastifyReply } from 'fastify';

import type { ApiServer } from '../http/types.js';

/** Where the build puts the console. Packages contain it. */
const BUILT = resolve(__dirname, '../../../console');
const PAGE = 'index.html';
/** Files of the console. Other paths are pages, even with a dot: a node may be called web.example.org. */
const FILE = /^(assets\/.+|[^/]+\.\w+)$/;
/** Vite puts a hash of its content into the name of each of these files. */
const HASHED = /^assets\/.+-[\w-]{8,}\.\w+$/;
const YEAR = { maxAge: '365d', immutable: true, cacheControl: true };

/** What pages of the console may load, and how browsers treat them. There is no inline script and no other host. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * Serves the console below /console/. One file shows all its pages: it reads the path itself.
 *
 * @param folder where the built console is
 */
export async function consoleRoutes(server: ApiServer, folder = BUILT): Promise<void> {
  await server.register(files, { root: folder, serve: false, cacheControl: false, preCompressed: true });
  const options = { schema: { hide: true }, config: { policy: null } } as const;
  server.get('/console', options, (_request, reply) => serve(reply, folder, PAGE));
  server.get<{ Params: { '*': string } }>('/console/*', options, (request, reply) => {
    const path = request.params['*'];
    return serve(reply, folder, FILE.test(path) ? path : PAGE);
  });
}

async function serve(reply: FastifyReply, folder: string, file: string): Promise<FastifyReply> {
  reply.headers(HEADERS);
  if (file === PAGE && !(await isBuilt(folder))) {
    const text = 'There is no console here: it was not built. In a clone of the repository, npm run build makes it.\n';
    return reply.code(404).type('text/plain; charset=utf-8').send(text);
  }
  if (HASHED.test(file)) return reply.sendFile(file, YEAR);
  // A page names the files of its own version, so the browser asks for it each time.
  return reply.header('cache-control', 'no-cache').sendFile(file);
}

async function isBuilt(folder: string): Promise<boolean> {
  return access(join(folder, PAGE)).then(
    () => true,
    () => false,
  );
}
