import { option, section } from '../option.js';
import { duration, file, httpUrl, integer, list, oneOf, string, trueOrFalse } from '../value-types.js';

/** Ways to log in to Keystone. Source: keystoneauth1, the plug-ins of these names. */
export const AUTH_TYPES = ['password', 'v3applicationcredential'] as const;

/** How a service logs in to Keystone. */
export const credentialOptions = {
  auth_url: option(httpUrl(), null, 'URL of Keystone, such as http://keystone.example.org:5000/v3.'),
  username: option(string('a user name, or null').nullable(), null, 'For auth_type password.'),
  password: option(string('a password, or null').nullable(), null, '', { secret: true }),
  user_domain_name: option(string('the name of a domain'), 'Default'),
  project_name: option(string('the name of a project, or null').nullable(), null),
  project_domain_name: option(string('the name of a domain'), 'Default'),
  application_credential_id: option(
    string('the id of an application credential, or null').nullable(),
    null,
    'For auth_type v3applicationcredential.',
  ),
  application_credential_secret: option(
    string('the secret of an application credential, or null').nullable(),
    null,
    '',
    {
      secret: true,
    },
  ),
};

/** How to find a service in Keystone's catalog, and how to connect to it. @param shortName of the variable for its URL */
export const endpointOptions = (service: string, shortName: string) => ({
  region_name: option(
    string('the name of a region, or null').nullable(),
    null,
    `The endpoint to take from Keystone's catalog: its region (null: any region), and the interfaces (internal,
     public, admin). The first of these interfaces that the catalog has is used. In the environment, separate them
     with commas.`,
  ),
  valid_interfaces: option(list(oneOf(['internal', 'public', 'admin']), 'a list of internal, public, admin'), [
    'internal',
    'public',
  ]),
  endpoint_override: option(httpUrl(), null, `URL of ${service}, in place of the one in the catalog.`, {
    shortName,
  }),
  cafile: option(
    file(),
    null,
    `TLS to Keystone and ${service}. Files are in PEM format. cafile null: the certificate authorities that Node.js
     trusts. insecure true: certificates are not verified.`,
  ),
  certfile: option(file(), null),
  keyfile: option(file(), null),
  insecure: option(trueOrFalse(), false),
});

export const keystoneSection = section(
  `For auth_strategy keystone: how the API validates tokens. Names are those of keystonemiddleware and keystoneauth.
   The user needs the role admin or service.`,
  {
    auth_type: option(oneOf(AUTH_TYPES), 'password', 'password or v3applicationcredential.'),
    ...credentialOptions,
    www_authenticate_uri: option(
      httpUrl(),
      null,
      "Keystone's public URL. An answer 401 shows it to the caller. null: auth_url.",
    ),
    token_cache_time: option(
      integer(0, 86_400, 'seconds'),
      300,
      `Seconds for which a validated token is cached, but never beyond its expiry. A revoked token can remain valid
       here for this time. 0: every request asks Keystone.`,
    ),
    http_connect_timeout: option(duration(0.1, 600), 10, "Time limit for Keystone's answer, in seconds."),
    cafile: option(
      file(),
      null,
      `TLS to Keystone. Files are in PEM format. cafile null: the certificate authorities that Node.js trusts.
       insecure true: certificates are not verified.`,
    ),
    certfile: option(file(), null),
    keyfile: option(file(), null),
    insecure: option(trueOrFalse(), false),
  },
);

export const ironicSection = section(
  "The connection to Ironic's API. netprov adopt and netprov reconcile use it. Names are those of keystoneauth.",
  {
    auth_type: option(
      oneOf(['none', ...AUTH_TYPES]),
      'none',
      `none: Ironic without Keystone, at endpoint_override. password and v3applicationcredential: Keystone v3. The user
       must be allowed to read all nodes and ports, as an administrator is.`,
    ),
    ...credentialOptions,
    ...endpointOptions('Ironic', 'NETPROV_IRONIC_ENDPOINT'),
    timeout: option(
      duration(0.1, 3600),
      60,
      `Time limit in seconds for each stage of a request: opening a connection, waiting for the start of the answer, and
       each pause within the answer.`,
    ),
  },
);
