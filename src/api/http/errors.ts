import type { Socket } from 'node:net';

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

import { ConnectionLost, Undeliverable } from '../../amqp/index.js';
import { IronicError } from '../../contract/errors.js';
import { NetprovError } from '../../errors.js';
import { InputRefused, listed, type RefusalKind } from '../../inventory/errors.js';
import type { Logger } from '../../log/log.js';
import { MessagingTimeout, NoWorker, RemoteError } from '../../rpc/index.js';
import { isTransientDatabaseError, RowTooLarge } from '../../state/index.js';
import { AuthenticationRefused } from '../auth/authenticator.js';
import { pathOf, requestFieldsOf } from './request-log.js';
import type { ApiServer } from './types.js';

/** An error answer. Handlers and hooks throw it. The message goes to the client, so it contains no secrets. */
export class ApiError extends NetprovError {
  readonly code = 'api_error';

  constructor(
    /** HTTP status, 400 to 599. */
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The error answer that is sent. */
interface Fault {
  status: number;
  message: string;
  headers: Readonly<Record<string, string>>;
}

/**
 * Ironic's error document: `error_message` holds a JSON text with `faultstring`, which Ironic's clients print.
 *
 * Source: Ironic, api/method.py format_exception and api/middleware/parsable_error.py.
 */
function errorBody({ status, message }: Fault): { error_message: string } {
  const faultcode = status < 500 ? 'Client' : 'Server';
  return { error_message: JSON.stringify({ faultcode, faultstring: message, debuginfo: null }) };
}

const REFUSALS: Readonly<Record<RefusalKind, number>> = { invalid: 400, not_found: 404, conflict: 409, locked: 409 };

/** Source: Ironic, common/exception.py: the code of each class. */
const REMOTE: Readonly<Record<string, number>> = {
  InvalidParameterValue: 400,
  MissingParameterValue: 400,
  NoFreePhysicalPorts: 400,
  VifNotAttached: 400,
  UnsupportedDriverExtension: 400,
  PortgroupPhysnetInconsistent: 400,
  NodeNotFound: 404,
  Conflict: 409,
  VifAlreadyAttached: 409,
  VifInvalidForAttach: 409,
};

/** The HTTP status for the class of a worker's error. */
export function httpStatusOf(className: string): number {
  return REMOTE[className] ?? 500;
}

/** Chooses the answer to an error. For an unexpected error, the client only learns that the log has it. */
function faultOf(error: unknown): Fault {
  if (error instanceof ApiError) return error;
  if (error instanceof InputRefused) return fault(REFUSALS[error.kind], error.message);
  if (error instanceof RemoteError) return fault(httpStatusOf(error.className), error.message);
  if (error instanceof IronicError) return fault(400, error.message);
  if (error instanceof MessagingTimeout) {
    return fault(
      504,
      'No worker answered in time; the operation may still be running. Check the node before you try again.',
    );
  }
  if (error instanceof NoWorker) return fault(503, error.message);
  if (error instanceof Undeliverable) return fault(503, 'No worker has served the conductor host of this node yet.');
  if (error instanceof ConnectionLost)
    return fault(503, 'RabbitMQ does not answer. Try again.', { 'retry-after': '1' });
  if (error instanceof RowTooLarge) return fault(413, `It cannot be recorded: ${error.message}.`);
  if (isTransientDatabaseError(error)) {
    return fault(503, 'The database does not answer. Try again.', { 'retry-after': '1' });
  }
  if (hasZodFastifySchemaValidationErrors(error)) return fault(400, describeIssues(error));
  const { statusCode = 500, message } = error as Partial<FastifyError>;
  if (statusCode >= 400 && statusCode < 500) return fault(statusCode, message ?? '');
  return fault(500, 'Unexpected error. The log of netprov api has the details under this request id.');
}

function fault(status: number, message: string, headers: Fault['headers'] = {}): Fault {
  return { status, message, headers };
}

/** Lists what the schema validation found wrong, with the name of each field. */
function describeIssues({
  validation,
  validationContext,
}: {
  validation: readonly { instancePath: string; message?: string }[];
  validationContext?: string;
}): string {
  const where = validationContext === 'querystring' ? 'query parameter' : (validationContext ?? 'request');
  return listed(
    validation.map(({ instancePath, message = 'cannot be used' }) => {
      const field = instancePath.split('/').filter(Boolean).join('.');
      return `Invalid ${where}${field === '' ? '' : ` ${field}`}: ${message}`;
    }),
  );
}

/** Turns every error that is thrown while a request is handled into an error document. */
export function answerErrors(server: ApiServer, log: Logger): void {
  server.setErrorHandler((error, request, reply) => answer(error, request, reply, log));
  server.setNotFoundHandler((request) => {
    throw new ApiError(404, `The resource could not be found: ${request.method} ${pathOf(request)}`);
  });
}

/** Answers requests that are refused before they have a route. Fastify runs no hooks for them. */
export function answerEarly(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('Openstack-Request-Id', request.id);
    log.info('a request is unreadable', { ...requestFieldsOf(request), status: faultOf(error).status });
    answer(error, request, reply, log);
  };
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  if (error instanceof AuthenticationRefused) return reply.code(error.status).headers(error.headers).send(error.body);
  const fault = faultOf(error);
  if (fault.status >= 500) log.error('a request failed', { ...requestFieldsOf(request), status: fault.status, error });
  return reply.code(fault.status).headers(fault.headers).send(errorBody(fault));
}

/** Answers by the error codes of Node.js's HTTP parser; any other code gets 400. */
const UNREADABLE: Readonly<Record<string, [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request was not complete in time.'],
};

/** Answers input that is not valid HTTP. There is no request object, so the answer is written to the socket. */
export function answerUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  // The client is gone, or already has an answer.
  if (code === 'ECONNRESET' || !socket.writable) return;
  const [status, message] = UNREADABLE[code] ?? ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify(errorBody({ status: Number.parseInt(status), message, headers: {} }));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
