import { z } from 'zod';

import { option, section } from '../option.js';
import { file, httpUrl, integer, list, numberOrNull, oneOf, portOrNull, string, trueOrFalse } from '../value-types.js';

/** IP addresses or networks, as Fastify's option trustProxy accepts them. */
const trustedProxies = () => {
  const error = 'IP addresses, or networks such as 10.0.0.0/24';
  return list(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error }), error, 0);
};

/** Names of hosts; names of containers may have underscores. Source: RFC 1123, section 2.1. */
const hostNames = () => {
  const error = 'host names such as baremetal.example.org, without ports';
  const name = z.string({ error }).max(253, { error });
  return list(name.regex(/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i, { error }), error, 0);
};

/** The options that decide who may use the REST API. They are in no section. */
export const accessOptions = {
  auth_strategy: option(
    oneOf(['keystone', 'http_basic', 'noauth']),
    'keystone',
    `Authentication of the REST API. A worker does not use it. [DEFAULT]
     - keystone: a token of Keystone, with the role that the request needs; see keystone_authtoken
     - http_basic: a name and a password of http_basic_auth_user_file; every such user may do everything
     - noauth: no authentication: everybody may do everything. It needs a loopback address in api.bind_host, or
       api.noauth_anywhere`,
  ),
  http_basic_auth_user_file: option(
    string('the path of a file'),
    '/etc/netprov/htpasswd',
    `For auth_strategy http_basic: a file in Apache's format, with a line \`name:hash\` for each user. Create the
     hashes (bcrypt) with htpasswd -B. netprov reads the file again after a change. [DEFAULT]`,
  ),
  rbac_service_project_name: option(
    string('the name of a project'),
    'service',
    `The project of the cloud's services: users who have the role \`service\` in it. They may post events. With
     rbac_service_role_elevated_access, they may also read and change nodes, like users with the role service in the
     system scope. [DEFAULT]`,
  ),
  rbac_service_role_elevated_access: option(trueOrFalse(), false),
};

export const policySection = section(
  `For auth_strategy keystone: which of Ironic's policy rules apply. See docs/operations.md, "The REST API: who may
   do what".`,
  {
    enforce_scope: option(
      trueOrFalse(),
      true,
      'Whether the scope of a token (system or project) must match the scope of the rule.',
    ),
    enforce_new_defaults: option(
      trueOrFalse(),
      true,
      `- true: roles in the system scope administer everything, and a project reads and changes the nodes that it owns
       or leases.
       - false: Ironic's old rules apply too, by which the role admin of any project administers everything.`,
    ),
  },
);

export const sslSection = section(
  `TLS of the REST API, for api.enable_ssl_api true. Files are in PEM format. With ca_file, every client needs a
   certificate of one of these authorities; null: clients need no certificate. SIGHUP reads the files again.`,
  {
    cert_file: option(file(), null),
    key_file: option(file(), null),
    ca_file: option(file(), null),
  },
);

const SESSION_KEY = 'a secret of 32 to 1024 characters, or null';

export const apiSection = section(
  "The REST API, netprov api. Names are those of Ironic's group [api], for options that Ironic has.",
  {
    bind_host: option(
      string('an address of this machine'),
      '127.0.0.1',
      "Address and port to listen on. Port 6385 is that of Ironic's own API.",
    ),
    port: option(integer(0, 65_535), 6386),
    public_endpoint: option(
      httpUrl(),
      null,
      `Base URL of the links in answers, such as https://baremetal.example.org:6386, for an API behind a proxy. null:
       the URL of the request.`,
    ),
    host_names: option(
      hostNames(),
      [],
      `Host names of the API, beside those in bind_host and public_endpoint. With auth_strategy noauth, a request for any
       other name gets 421: the owner of a web site could have its name resolve to the address of this API, and use the
       API through the browser of somebody who opens the site (DNS rebinding). IP addresses and localhost are always
       accepted, and so is every name with the other strategies. In the environment, separate the names with commas.`,
    ),
    max_limit: option(
      integer(1, 100_000, 'items'),
      1000,
      `Maximum number of items in one page of a list. A request for more gets this many, and a link to the next page.`,
    ),
    max_body_bytes: option(
      integer(1024, 134_217_728, 'bytes'),
      1_048_576,
      "Maximum size of a request's body, in bytes. A larger one gets 413.",
    ),
    rate_limit: option(
      numberOrNull(1, 1_000_000, 'requests'),
      null,
      `Maximum number of requests per minute from one user (with noauth: from one address). Further requests get 429.
       Each API process counts separately. null: no limit.`,
    ),
    max_auth_failures: option(
      numberOrNull(1, 1_000_000, 'attempts'),
      100,
      `Maximum number of attempts per minute with a wrong token or password from one address. Beyond it, the API
       checks no new token or password from this address until the minute is over; those that were valid shortly
       before are still accepted. null: no limit.`,
    ),
    trusted_proxies: option(
      trustedProxies(),
      [],
      `Addresses or networks of proxies in front of the API. The API trusts X-Forwarded-For only from these, and tells
       callers behind a proxy apart by it. In the environment, separate them with commas. Ironic's counterpart is
       enable_proxy_headers_parsing in [oslo_middleware].`,
    ),
    noauth_anywhere: option(
      trueOrFalse(),
      false,
      `Whether auth_strategy noauth is allowed on addresses that other machines can reach. Then everybody who can
       reach the API may do everything.`,
    ),
    project_admin_can_manage_own_nodes: option(
      trueOrFalse(),
      true,
      `Whether administrators and services of a project may create nodes, which the project then owns, and whether
       administrators may delete them.`,
    ),
    console: option(
      trueOrFalse(),
      true,
      'Whether the API serves the console at /console/, and accepts the sessions of people who log in there.',
    ),
    session_time: option(
      integer(60, 2_592_000, 'seconds'),
      28_800,
      `Seconds for which a session of the console lasts, with auth_strategy http_basic. With keystone, it lasts as long
       as the token that Keystone issues.`,
    ),
    session_key: option(
      z.string({ error: SESSION_KEY }).min(32, { error: SESSION_KEY }).max(1024, { error: SESSION_KEY }).nullable(),
      null,
      `Signs the sessions of the console, with auth_strategy http_basic: a secret of at least 32 characters, such as
       openssl rand -hex 32 makes. Give the same to all API processes behind one address. null: each process makes its
       own, so its sessions end when it stops, and no other process accepts them.`,
      { secret: true },
    ),
    enable_ssl_api: option(
      trueOrFalse(),
      false,
      'Whether the API uses HTTPS only, with the files in section ssl. TLS 1.2 or later.',
    ),
    health_port: option(
      portOrNull(),
      8090,
      `Port for health checks of the API, on health.bind_host. It differs from health.port, so that a worker can run
       on the same machine. 0: any free port, which the log names. null: no health checks.`,
    ),
  },
);
