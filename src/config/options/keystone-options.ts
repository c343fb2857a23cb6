import { option, section } from '../option.js';
import { duration, file, httpUrl, integer, oneOf, string, trueOrFalse } from '../value-types.js';

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
