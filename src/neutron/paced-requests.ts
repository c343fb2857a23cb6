import { errorText } from '../async/error-text.js';
import { type Logger, silentLogger } from '../log/log.js';
import { type Auth, NoAuth, type OpenStackService, type ServiceAccess } from '../openstack/auth.js';
import { requestIdIn } from '../openstack/errors.js';
import {
  HttpClient,
  type HttpRequest,
  type HttpResponse,
  type RequestObserver,
  withoutQuery,
} from '../openstack/http.js';
import { KeystoneAuth } from '../openstack/keystone.js';
import type { ServiceOptions } from '../openstack/service-options.js';
import { Availability } from './availability.js';
import { CongestionControl } from './congestion.js';
import { isWide, neutronRefusal } from './refusal.js';

/** Neutron's names in our configuration and in Keystone's catalog. */
const NEUTRON: OpenStackService = { name: 'neutron', type: 'network', versionPath: '/v2.0' };

/**
 * How to reach Neutron: the section [neutron] of our configuration. A request of NeutronRequests waits for its turn before
 * timeout begins: see CongestionControl.
 */
export interface NeutronOptions extends ServiceOptions {
  /** Seconds to wait for the answer to a change (POST, PUT, DELETE), if that is more than timeout. */
  change_timeout: number;
  /** The most connections to one server. Further requests wait for a free one. */
  max_connections: number;
}

/** Options of every request. */
export interface NeutronRequestOptions {
  /** Aborts the request. The call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** req-<uuid> of the request that caused this one, for Neutron's logs. */
  requestId?: string | null | undefined;
  /** Seconds, if this request must take less time than the options timeout and change_timeout allow. */
  timeout?: number | undefined;
  /** A logger with fields about the cause of the request. Default: the client's own. */
  log?: Logger | undefined;
}

/** One request to Neutron's API. */
export interface NeutronCall extends Pick<HttpRequest, 'call' | 'method' | 'body'> {
  path: string;
}

/** Observer and log of the requests. */
export interface NeutronParts {
  /** Called for every request, also for those to Keystone. */
  observe?: RequestObserver | undefined;
  /** Logger for requests that do not bring their own. Default: they are not logged. */
  log?: Logger;
}

/**
 * Sends requests to Neutron, as many at once as it can answer. Requests are repeated in two cases only: a GET on a
 * connection that turned out to be closed, and any request once after a 401, because Neutron answers 401 before it does
 * anything.
 */
export class NeutronRequests {
  /** Tracks whether Neutron answers at all. Its probe does not wait while Neutron is overloaded. */
  readonly availability = new Availability(
    () => this.send({ call: 'look', method: 'GET', path: '/v2.0/networks?limit=1&fields=id' }, {}),
    () => {
      this.#congestion.refuseWaiting();
    },
  );
  readonly #congestion: CongestionControl;
  readonly #http: HttpClient;
  readonly #auth: Auth;
  readonly #log: Logger;
  readonly #options: Pick<NeutronOptions, 'timeout' | 'change_timeout'>;

  /** @throws when a certificate file cannot be read */
  constructor(options: NeutronOptions, { observe, log = silentLogger() }: NeutronParts = {}) {
    this.#log = log;
    this.#options = options;
    this.#http = new HttpClient('neutron', options, observe);
    const { auth_type } = options;
    this.#auth =
      auth_type === 'none'
        ? new NoAuth(NEUTRON, options)
        : new KeystoneAuth(NEUTRON, this.#http, { ...options, auth_type });
    this.#congestion = new CongestionControl({
      most: options.max_connections,
      timeout: options.timeout,
      away: () => this.availability.away,
      onChange: (limit) => {
        if (limit > 1) log.info('Neutron answers in time again', { requests_at_once: limit });
        else
          log.warn(
            'Neutron is overloaded: sending one request at a time, and more as it answers quickly; check its load',
          );
      },
    });
  }

  /** Most requests to Neutron at once now: max_connections, or fewer while Neutron is overloaded. */
  get limit(): number {
    return this.#congestion.limit;
  }

  /** Sends a request in its turn, and returns the body of the answer. @throws OpenStackError; the signal's reason */
  async body(call: NeutronCall, options: NeutronRequestOptions): Promise<unknown> {
    const transmit = (request: HttpRequest): Promise<HttpResponse> =>
      call.method === 'GET' ? this.#http.send(request) : this.#change(request, options);
    const paced = (request: HttpRequest): Promise<HttpResponse> =>
      this.#congestion.during(request, () => transmit(request));
    return (await this.availability.during(() => this.send(call, options, paced))).body;
  }

  /**
   * Sends a change. It gets more time than a read: Neutron goes on with a change whose answer nobody waits for, and a
   * repeated change would disturb it. After the time of a read, it counts as a sign that Neutron may be away.
   */
  async #change(request: HttpRequest, { log = this.#log }: NeutronRequestOptions): Promise<HttpResponse> {
    const { timeout, change_timeout } = this.#options;
    const limit = Math.max(timeout, change_timeout);
    const overdue = setTimeout(() => {
      const what = `${request.method} ${withoutQuery(request.url)}`;
      log.warn(`${what} has no answer yet; waiting on`, { seconds: timeout, at_most: limit });
      this.availability.fault();
    }, timeout * 1000);
    try {
      return await this.#http.send({ ...request, limit });
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Sends a request at once, also while Neutron is overloaded or away. @throws OpenStackError; the signal's reason */
  async send(
    { call, method, path, body }: NeutronCall,
    options: NeutronRequestOptions,
    transmit = (request: HttpRequest): Promise<HttpResponse> => this.#http.send(request),
  ): Promise<HttpResponse> {
    const log = options.log ?? this.#log;
    const what = `${method} ${withoutQuery(path)}`;
    const send = async (access: ServiceAccess): Promise<HttpResponse> => {
      const headers: Record<string, string> = { ...access.headers };
      if (options.requestId) headers['X-OpenStack-Request-ID'] = options.requestId;
      const { signal, timeout } = options;
      const asked = performance.now();
      const request = { call, method, url: access.endpoint + path, headers, body, signal, timeout };
      const response = await transmit(request).catch((error: unknown) => {
        log.debug(`${what} has no answer`, { error: errorText(error) });
        throw error;
      });
      const { status } = response;
      log.debug(`${what} answered`, { status, duration_ms: Math.round(performance.now() - asked) });
      return response;
    };
    const access = await this.#auth.access(options.signal);
    let response = await send(access);
    if (response.status === 401 && this.#auth.refused(access)) {
      log.info(`${what}: the token was refused; asking Keystone for another`);
      response = await send(await this.#auth.access(options.signal));
    }
    if (response.status < 200 || response.status > 299) {
      const { status, headers } = response;
      throw neutronRefusal({ what, status, requestId: requestIdIn(headers) }, response.body, isWide(path, body));
    }
    return response;
  }

  /** Sends a GET with a user's own token, and returns the answer whatever its status. @throws OpenStackError */
  async asUser({ call, path }: NeutronCall, token: string, options: NeutronRequestOptions): Promise<HttpResponse> {
    const { signal, timeout } = options;
    const { endpoint } = await this.#auth.access(signal);
    const headers = { 'X-Auth-Token': token };
    return this.#http.send({ call, method: 'GET', url: endpoint + path, headers, signal, timeout });
  }

  /** Closes the connections. Running requests fail. */
  async close(): Promise<void> {
    this.availability.close();
    await this.#http.close();
  }
}
