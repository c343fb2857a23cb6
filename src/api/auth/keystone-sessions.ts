import { errorText } from '../../async/error-text.js';
import type { Logger } from '../../log/log.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../../openstack/http.js';
import { ApiError } from '../http/errors.js';
import {
  AuthenticationRefused,
  type Authenticator,
  type Identity,
  type LogIn,
  type Sessions,
} from './authenticator.js';

interface KeystoneSessionsParts {
  http: Pick<HttpClient, 'send'>;
  tokensUrl: () => string;
  authenticator: Pick<Authenticator, 'authenticate'>;
  /** Called when a token has ended. */
  forget: (token: string) => void;
  log: Logger;
}

/**
 * Sessions for auth_strategy keystone. A session is the token itself that Keystone issued to the person, so every API
 * process knows it, it ends when the token does, and nothing is kept here.
 */
export class KeystoneSessions implements Sessions {
  constructor(private readonly parts: KeystoneSessionsParts) {}

  async open(logIn: LogIn, beforeTrying: () => Promise<void>): Promise<string> {
    const auth = authOf(logIn);
    await beforeTrying();
    const url = `${this.parts.tokensUrl()}?nocatalog`;
    const { status, headers } = await this.#send({ call: 'issue_token', method: 'POST', url, body: { auth } });
    const token = headers['x-subject-token'];
    if (status === 201 && typeof token === 'string') return token;
    if (status >= 500 || status === 201 || status === 429) throw this.#unavailable(`its answer has status ${status}`);
    const message = 'Keystone refused the log-in: check name, password, project and their domains.';
    throw new AuthenticationRefused(401, { error: { code: 401, title: 'Unauthorized', message } });
  }

  identify(session: string, beforeTrying: () => Promise<void>): Promise<Identity> {
    return this.parts.authenticator.authenticate({ 'x-auth-token': session }, beforeTrying);
  }

  async end(session: string): Promise<void> {
    this.parts.forget(session);
    const headers = { 'X-Auth-Token': session, 'X-Subject-Token': session };
    const url = this.parts.tokensUrl();
    const { status } = await this.#send({ call: 'revoke_token', method: 'DELETE', url, headers });
    // 401 and 404: the token had ended already.
    if (![204, 401, 404].includes(status))
      this.parts.log.warn('Keystone did not revoke the token of a session', { status });
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.parts.http.send(request);
    } catch (error) {
      throw this.#unavailable(errorText(error));
    }
  }

  #unavailable(reason: string): ApiError {
    this.parts.log.error('could not ask Keystone about a session', { reason });
    return new ApiError(503, 'The Keystone service is temporarily unavailable.', { 'Retry-After': '5' });
  }
}

/** The body of Keystone's request for a token. Source: Keystone, API v3, "Password authentication". */
function authOf(logIn: LogIn): object {
  switch (logIn.method) {
    case 'application_credential': {
      const { id, secret } = logIn;
      return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    }
    case 'password': {
      const { username: name, password, user_domain, project, project_domain, system } = logIn;
      const user = { name, password, domain: { name: user_domain } };
      const identity = { methods: ['password'], password: { user } };
      if (system) return { identity, scope: { system: { all: true } } };
      if (project === null) return { identity };
      return { identity, scope: { project: { name: project, domain: { name: project_domain } } } };
    }
    case 'http_basic':
      throw new ApiError(
        400,
        'method is http_basic, but auth_strategy is keystone: use password or application_credential.',
      );
  }
}
