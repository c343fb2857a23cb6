import { type ErrorCode, NetprovError, type RequestFault, type ServiceName } from '../errors.js';
import { maskText } from '../log/log.js';

export interface OpenStackErrorDetails {
  /** The service that was asked, or for which Keystone was asked. */
  service: ServiceName;
  /** What went wrong with the request. With the service it is the error's code. */
  fault: RequestFault;
  /** Whether the same request may succeed later, without any other change. */
  transient: boolean;
  /** HTTP status. Not set if there was no answer. */
  status?: number;
  /** The service's name of the exception, such as MacAddressInUse. '' if the answer names none. */
  type?: string;
  cause?: unknown;
}

/**
 * A request to a service of OpenStack, or to Keystone on its behalf, failed. The message is masked, because a server may
 * echo credentials or bodies in its answer.
 */
export class OpenStackError extends NetprovError {
  readonly code: ErrorCode;
  readonly service: ServiceName;
  readonly fault: RequestFault;
  readonly transient: boolean;
  readonly status: number | null;
  readonly type: string;

  constructor(message: string, details: OpenStackErrorDetails) {
    super(maskText(message), { cause: details.cause });
    this.code = `${details.service}_${details.fault}`;
    this.service = details.service;
    this.fault = details.fault;
    this.transient = details.transient;
    this.status = details.status ?? null;
    this.type = details.type ?? '';
  }
}

/** Statuses of faults that pass by themselves: too slow, too many requests, a fault or a restart of the server. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** The longest server message that is passed on, in characters. A proxy's long error page does not help an operator. */
const MAX_MESSAGE = 500;

/** What a server says about its refusal. */
export interface RefusalReason {
  /** The server's name of the exception. '' if it names none. */
  type: string;
  message: string;
}

/** A request that was answered with an HTTP error status. */
export interface RefusedRequest {
  service: ServiceName;
  /** The request as messages name it, such as "POST /v2.0/ports". */
  what: string;
  status: number;
  /** The server's id of the request, with which to search its logs. Null if it gave none. */
  requestId: string | null;
}

/**
 * The error for an HTTP error status.
 *
 * @param transient whether the same request may succeed later
 * @param remark what we know about the cause, and the server does not say. '' for nothing
 */
export function refusal(
  { service, what, status, requestId }: RefusedRequest,
  { type, message }: RefusalReason,
  transient = isTransientStatus(status),
  remark = '',
): OpenStackError {
  const said = [type, maskText(message, MAX_MESSAGE), remark].filter((text) => text !== '').join(': ');
  const where = requestId === null ? '' : ` (${requestId})`;
  const text = `${what} was answered with ${status}${said === '' ? '' : ` ${said}`}${where}`;
  return new OpenStackError(text, { service, fault: 'refused', transient, status, type });
}

/** Whether a fault with this HTTP status passes by itself. */
export function isTransientStatus(status: number): boolean {
  return TRANSIENT_STATUSES.has(status);
}

/**
 * The reason in the body of a refusal: {"NeutronError": {type, message, detail}} or, as Keystone has it, {"error":
 * {title, message}}. A proxy in between may send anything.
 */
export function reasonIn(body: unknown): RefusalReason {
  const outer = isRecord(body) ? body : {};
  const inner = outer['NeutronError'] ?? outer['error'] ?? outer;
  if (typeof inner === 'string') return { type: '', message: inner };
  const fields = isRecord(inner) ? inner : {};
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return { type: text('type'), message: text('message') };
}

/** The server's id of a request. @param headers of its answer */
export function requestIdIn(headers: Readonly<Record<string, unknown>>): string | null {
  const id = headers['x-openstack-request-id'];
  return typeof id === 'string' ? id : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
