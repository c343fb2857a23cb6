import type { Socket } from 'node:net';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Logger } from '../log.js';
import { ApiError, errorBody, faultOf } from './errors.js';
import { fieldsOf, pathOf } from './request-log.js';
import type { ApiServer } from './types.js';

/** Whatever is thrown on a request's way becomes an error document. */
export function answerErrors(server: ApiServer, log: Logger): void {
  server.setErrorHandler((error, request, reply) => answer(error, request, reply, log));
  server.setNotFoundHandler((request) => {
    throw new ApiError(404, `The resource could not be found: ${request.method} ${pathOf(request)}`);
  });
}

/** The same for requests that are refused before there is a route for them: Fastify runs no hooks then. */
export function answerEarly(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('Openstack-Request-Id', request.id);
    log.info('a request cannot be read', { ...fieldsOf(request), status: faultOf(error).status });
    answer(error, request, reply, log);
  };
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const fault = faultOf(error);
  if (fault.status >= 500) log.error('a request failed', { ...fieldsOf(request), status: fault.status, error });
  return reply.code(fault.status).headers(fault.headers).send(errorBody(fault));
}

/** By the codes of Node.js's HTTP parser; any other is 400. */
const UNREADABLE: Readonly<Record<string, [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};

/** And for what is no HTTP: there is no request, and nothing to answer with but the connection. */
export function answerUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  // The client is gone, or has been answered already.
  if (code === 'ECONNRESET' || !socket.writable) return;
  const [status, message] = UNREADABLE[code] ?? ['400 Bad Request', 'The request is no HTTP that can be read.'];
  const body = JSON.stringify(errorBody({ status: Number.parseInt(status), message, headers: {} }));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
