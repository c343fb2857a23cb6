import { randomUUID } from 'node:crypto';

import type { KeystoneAuthtokenOptions } from '../../src/api/auth/keystone-authenticator.js';
import { variableOf } from '../../src/config/option.js';
import { required } from './environment.js';

/** The scope of a token: a project, the system, or nothing. */
export type Scope = { project: string } | 'system' | 'unscoped';

interface Named {
  id: string;
  name: string;
}

/** Keystone's API, as far as tests need it to make users, roles and tokens. */
export class TestKeystone {
  readonly url = required('NETPROV_KEYSTONE_URL').replace(/\/+$/, '');
  #token = '';
  readonly #made: string[] = [];

  /** Sends all further requests as this user. */
  async logIn(name: string, password: string, project: string): Promise<{ token: string; userId: string }> {
    const issued = await this.issue(name, password, { project });
    this.#token = issued.token;
    return issued;
  }

  async logInAsAdmin(): Promise<void> {
    await this.logIn('admin', required('NETPROV_KEYSTONE_ADMIN_PASSWORD'), 'admin');
  }

  /** Issues a token of a user. */
  async issue(name: string, password: string, scope: Scope): Promise<{ token: string; userId: string }> {
    const user = { name, password, domain: { name: 'Default' } };
    return this.#issueFor({ identity: { methods: ['password'], password: { user } }, scope: scopeOf(scope) });
  }

  /** Issues a token for credentials of any kind. */
  async #issueFor(auth: object): Promise<{ token: string; userId: string }> {
    const response = await fetch(`${this.url}/auth/tokens`, {
      method: 'POST',
      body: JSON.stringify({ auth }),
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`Keystone issues no token: ${response.status} ${await response.text()}`);
    const body = (await response.json()) as { token: { user: { id: string } } };
    return { token: response.headers.get('x-subject-token') ?? '', userId: body.token.user.id };
  }

  async api<T = unknown>(method: string, path: string, body?: object, headers: object = {}): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-auth-token': this.#token, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async revoke(token: string): Promise<void> {
    await this.api('DELETE', '/auth/tokens', undefined, { 'x-subject-token': token });
  }

  /** Validates a token with the request that keystonemiddleware sends from a Neutron. */
  async accepts(token: string): Promise<boolean> {
    const headers = { 'x-auth-token': this.#token, 'x-subject-token': token };
    return (await fetch(`${this.url}/auth/tokens`, { headers })).ok;
  }

  /** Makes a new user with one role in a project or in the system. */
  async makeUser(
    role: string,
    where: { project: string } | 'system',
  ): Promise<{ name: string; password: string; id: string }> {
    const wanted = { name: `test-${randomUUID()}`, password: randomUUID(), domain_id: 'default' };
    const { user } = await this.api<{ user: Named }>('POST', '/users', { user: wanted });
    this.#made.push(`/users/${user.id}`);
    const place = where === 'system' ? '/system' : `/projects/${await this.#idOf('project', where.project)}`;
    await this.api('PUT', `${place}/users/${user.id}/roles/${await this.#idOf('role', role)}`);
    return { ...wanted, id: user.id };
  }

  /** Gives a user one more role in the project. */
  async addRole({ id }: { id: string }, role: string, project: string): Promise<void> {
    const [where, what] = [await this.#idOf('project', project), await this.#idOf('role', role)];
    await this.api('PUT', `/projects/${where}/users/${id}/roles/${what}`);
  }

  /** Makes a new project. It is removed by drop(). */
  async makeProject(): Promise<{ id: string; name: string }> {
    const wanted = { name: `test-${randomUUID()}`, domain_id: 'default' };
    const { project } = await this.api<{ project: Named }>('POST', '/projects', { project: wanted });
    this.#made.push(`/projects/${project.id}`);
    return project;
  }

  /** Makes an application credential of a user for the project, and a token for it. It is removed with the user. */
  async issueByCredential(
    { name, password }: { name: string; password: string },
    project: string,
    attributes: object,
  ): Promise<{ token: string; secret: string }> {
    const { id, secret } = await this.makeCredential({ name, password }, project, attributes);
    const identity = { methods: ['application_credential'], application_credential: { id, secret } };
    return { token: (await this.#issueFor({ identity })).token, secret };
  }

  /** Makes an application credential of a user for the project. It is removed with the user. */
  async makeCredential(
    { name, password }: { name: string; password: string },
    project: string,
    attributes: object = {},
  ): Promise<{ id: string; secret: string }> {
    const { token: own, userId } = await this.issue(name, password, { project });
    interface Made {
      application_credential: { id: string; secret: string };
    }
    const body = { application_credential: { name: `test-${randomUUID()}`, ...attributes } };
    const path = `/users/${userId}/application_credentials`;
    return (await this.api<Made>('POST', path, body, { 'x-auth-token': own })).application_credential;
  }

  /** Makes a role if this Keystone does not have it. The role stays, because others may use it by now. */
  async needRole(name: string): Promise<void> {
    const { roles } = await this.api<{ roles: Named[] }>('GET', `/roles?name=${name}`);
    if (roles.length > 0) return;
    // Two test files may make the role at the same time.
    await this.api('POST', '/roles', { role: { name } }).catch(() => this.#idOf('role', name));
  }

  /** Removes the users and projects that this object made. */
  async drop(): Promise<void> {
    for (const path of this.#made.splice(0).reverse()) await this.api('DELETE', path);
  }

  async #idOf(kind: 'project' | 'role', name: string): Promise<string> {
    const found = await this.api<Record<string, Named[]>>('GET', `/${kind}s?name=${encodeURIComponent(name)}`);
    const id = found[`${kind}s`]?.[0]?.id;
    if (id === undefined) throw new Error(`Keystone has no ${kind} ${name}`);
    return id;
  }
}

function scopeOf(scope: Scope): object | string {
  if (scope === 'unscoped') return 'unscoped';
  if (scope === 'system') return { system: { all: true } };
  return { project: { name: scope.project, domain: { name: 'Default' } } };
}

/** The section keystone_authtoken for the user that script/services makes. */
export function authtoken(options: Partial<KeystoneAuthtokenOptions> = {}): KeystoneAuthtokenOptions {
  return {
    auth_type: 'password',
    auth_url: required('NETPROV_KEYSTONE_URL'),
    username: required('NETPROV_KEYSTONE_USERNAME'),
    password: required('NETPROV_KEYSTONE_PASSWORD'),
    user_domain_name: 'Default',
    project_name: required('NETPROV_KEYSTONE_PROJECT'),
    project_domain_name: 'Default',
    application_credential_id: null,
    application_credential_secret: null,
    www_authenticate_uri: null,
    token_cache_time: 300,
    http_connect_timeout: 10,
    cafile: null,
    certfile: null,
    keyfile: null,
    insecure: false,
    ...options,
  };
}

/** The variables of a netprov api whose callers log in with this Keystone. */
export function keystoneVariables(options: Partial<KeystoneAuthtokenOptions> = {}): Record<string, string> {
  const given = Object.entries(authtoken(options)).filter(([, value]) => value !== null);
  return {
    NETPROV_AUTH_STRATEGY: 'keystone',
    ...Object.fromEntries(given.map(([name, value]) => [variableOf(`keystone_authtoken.${name}`), String(value)])),
  };
}
