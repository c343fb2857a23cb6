import { sessionEnded, sessionOf } from './session-state.js';

/** The version of the API that the console is written for. */
const API_VERSION = '1.111';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An answer of the API that is an error. The message is the API's own, for people. */
export class ApiFault extends Error {
  override name = 'ApiFault';

  constructor(
    /** 0: there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Asks the API, and returns the body of its answer. The browser adds the cookie of the session.
 *
 * @throws ApiFault; after a 401, the console asks for a log-in
 */
export async function ask<T>(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const answer = await send(method, path, body, signal);
  const text = await answer.text();
  if (answer.ok) return (text === '' ? null : JSON.parse(text)) as T;
  if (answer.status === 401 && path !== '/console/session') sessionEnded();
  throw new ApiFault(answer.status, faultIn(text, answer.status));
}

async function send(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const csrf = sessionOf()?.csrf;
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-openstack-ironic-api-version': API_VERSION,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(method === 'GET' || !csrf ? {} : { 'x-csrf-token': csrf }),
  };
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFault(0, '');
  }
}

/** The message in an error document: Ironic's, or that of the middleware in front of it. */
function faultIn(text: string, status: number): string {
  try {
    const body = JSON.parse(text) as { error_message?: string; error?: { message?: string } };
    if (body.error_message !== undefined) {
      return (JSON.parse(body.error_message) as { faultstring?: string }).faultstring ?? text;
    }
    return body.error?.message ?? text;
  } catch {
    return text === '' ? String(status) : text.slice(0, 500);
  }
}

/** The path of a link in an answer. The API may name another host in it than the browser uses. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url, window.location.href);
  return `${pathname}${search}`;
}
