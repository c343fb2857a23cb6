/**
 * How to reach a service of OpenStack. The names are keystoneauth's, as in the groups of Ironic's configuration. Null
 * means that an option is not set.
 */
export interface ServiceOptions {
  /** none: the service runs without Keystone and treats every caller as an administrator. */
  auth_type: 'none' | 'password' | 'v3applicationcredential';
  /** Keystone's URL, with or without /v3. */
  auth_url: string | null;
  username: string | null;
  password: string | null;
  user_domain_name: string;
  project_name: string | null;
  project_domain_name: string;
  application_credential_id: string | null;
  application_credential_secret: string | null;
  /** Region of the endpoint in the catalog. Null: any region. */
  region_name: string | null;
  /** Interfaces of the endpoint in the catalog, in the order of preference: public, internal, admin. */
  valid_interfaces: readonly string[];
  /** The service's URL, with or without the version of its API. It overrides the catalog, and is required with auth_type none. */
  endpoint_override: string | null;
  /** Files in PEM format: the authorities to trust instead of the system's, the client's certificate, and its key. */
  cafile: string | null;
  certfile: string | null;
  keyfile: string | null;
  /** Whether to skip the verification of the server's certificate. */
  insecure: boolean;
  /** Seconds for each of these: for a connection, for the answer to begin, and for a pause within the answer. */
  timeout: number;
}
