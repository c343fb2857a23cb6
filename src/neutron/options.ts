/**
 * How to reach Neutron. Names follow the [neutron] group of Ironic's configuration, which are keystoneauth's.
 * What is null is not set.
 */
export interface NeutronOptions {
  /** none: Neutron runs without Keystone and takes every caller for an administrator. */
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
  /** Region whose endpoint is taken from the catalog; null: any. */
  region_name: string | null;
  /** Interfaces of the endpoint in the catalog, in the order of preference: public, internal, admin. */
  valid_interfaces: readonly string[];
  /** Neutron's URL, with or without /v2.0. Wins over the catalog; required with auth_type none. */
  endpoint_override: string | null;
  /** Files in PEM format: what to trust instead of the system's authorities; the client's certificate and its key. */
  cafile: string | null;
  certfile: string | null;
  keyfile: string | null;
  /** Do not verify the server's certificate. */
  insecure: boolean;
  /** Seconds that waiting for a connection, making one, waiting for an answer to begin, and a pause within an answer may each take. */
  timeout: number;
  /** Connections to one server at most; further requests wait for one to be free. */
  max_connections: number;
}
