import { hostname } from 'node:os';

import { z } from 'zod';

import { isTakenByIronic, providerNamed } from '../contract/network-interface.js';
import { COMPONENTS, LEVELS } from '../log/log.js';
import { hostProblem } from '../messages/queue-names.js';
import { DATABASE_URL_EXAMPLE, parseDatabaseUrl } from '../state/database-url.js';

/** Options whose values never appear in errors or logs. */
export const SECRET_OPTIONS: readonly string[] = [
  'transport_url',
  'database.connection',
  'neutron.password',
  'neutron.application_credential_secret',
  'keystone_authtoken.password',
  'keystone_authtoken.application_credential_secret',
];

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

const text = (error: string) => z.string({ error }).min(1, { error }).max(1024, { error });

const network = () => text('the name or UUID of a network, or null').nullable();

const section = <const T extends z.ZodRawShape>(options: T) =>
  z.strictObject(options, { error: 'options below it; leave out a section that has none' });

const file = () => text('the path of a file, or null').nullable();

const boolean = () => z.boolean({ error: 'true or false' });

function wholeNumber(min: number, max: number, unit = '') {
  const error = `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function seconds(min: number, max: number) {
  const error = `a number of seconds from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A number or null. An environment variable can hold null only as the text "null". */
function numberOrNull(min: number, max: number, unit = '') {
  const number = wholeNumber(min, max, unit).nullable();
  return z.preprocess((value) => (value === 'null' ? null : value), number);
}

const portOrNull = () => numberOrNull(0, 65_535);

function ratio() {
  const error = 'a number from 0 to 1';
  return z.number({ error }).min(0, { error }).max(1, { error });
}

/** A list, or a text with commas between the items, because an environment variable can only hold a text. */
const list = <T extends z.ZodType>(item: T, error: string, least = 1) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item, { error }).min(least, { error }),
  );

const securityGroups = () => {
  const error = 'UUIDs of security groups';
  return list(z.guid({ error }), error, 0);
};

/** IP addresses or networks, as Fastify's option trustProxy accepts them. */
const trustedProxies = () => {
  const error = 'IP addresses, or networks such as 10.0.0.0/24';
  return list(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error }), error, 0);
};

/** A URL for fetch. User and password have options of their own, because the URL appears in logs. */
function httpUrl() {
  const error = 'a URL such as http://neutron.example.org:9696, without user and password';
  return z.string({ error }).refine(isHttpUrl, { error }).nullable();
}

function isHttpUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

const databaseUrl = z
  .string({ error: DATABASE_URL_EXAMPLE })
  .max(8192, { error: DATABASE_URL_EXAMPLE })
  .refine((value) => parseDatabaseUrl(value) !== null, { error: DATABASE_URL_EXAMPLE });

const host = z
  .string({ error: 'the name of a conductor host' })
  .refine((name) => hostProblem(name) === null, { error: ({ input }) => hostProblem(String(input)) ?? '' });

/** The name of a provider, which appears in database rows, messages and command lines. */
const providerName = z
  .string({ error: 'the name of a provider' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'the name of a provider: letters, digits, _ . -' });
const pluginName = providerName.refine((name) => !isTakenByIronic(name), {
  error: 'another name: Ironic calls a built-in provider so',
});

const oslo_messaging_rabbit = section({
  amqp_durable_queues: boolean(),
  rabbit_quorum_queue: boolean(),
  rabbit_transient_quorum_queue: boolean(),
  amqp_auto_delete: boolean(),
  ssl: boolean(),
  ssl_ca_file: file(),
  ssl_cert_file: file(),
  ssl_key_file: file(),
  ssl_enforce_hostname_verification: boolean(),
  heartbeat_timeout_threshold: wholeNumber(0, 3600, 'seconds'),
  rabbit_retry_interval: seconds(0.1, 3600),
  rabbit_interval_max: seconds(0.1, 3600),
  kombu_missing_consumer_retry_timeout: seconds(0, 3600),
});

/** Ways to log in to Keystone. Source: keystoneauth1, the plug-ins of these names. */
const AUTH_TYPES = ['password', 'v3applicationcredential'] as const;

const credentials = {
  auth_url: httpUrl(),
  username: text('a user name, or null').nullable(),
  password: text('a password, or null').nullable(),
  user_domain_name: text('the name of a domain'),
  project_name: text('the name of a project, or null').nullable(),
  project_domain_name: text('the name of a domain'),
  application_credential_id: text('the id of an application credential, or null').nullable(),
  application_credential_secret: text('the secret of an application credential, or null').nullable(),
};

const keystone_authtoken = section({
  auth_type: oneOf(AUTH_TYPES),
  ...credentials,
  www_authenticate_uri: httpUrl(),
  token_cache_time: wholeNumber(0, 86_400, 'seconds'),
  http_connect_timeout: seconds(0.1, 600),
  cafile: file(),
  certfile: file(),
  keyfile: file(),
  insecure: boolean(),
});

const neutron = section({
  auth_type: oneOf(['none', ...AUTH_TYPES]),
  ...credentials,
  region_name: text('the name of a region, or null').nullable(),
  valid_interfaces: list(oneOf(['internal', 'public', 'admin']), 'a list of internal, public, admin'),
  endpoint_override: httpUrl(),
  cafile: file(),
  certfile: file(),
  keyfile: file(),
  insecure: boolean(),
  timeout: seconds(0.1, 3600),
  max_connections: wholeNumber(1, 1024),
  binding_timeout: seconds(0.1, 3600),
  poll_interval_min: seconds(0.05, 3600),
  poll_interval_max: seconds(0.05, 3600),
  event_poll_interval: seconds(0.05, 3600),
  add_all_ports: boolean(),
  one_port_per_portgroup: boolean(),
  dhcpv6_stateful_address_count: wholeNumber(1, 64, 'addresses'),
  fail_on_port_binding_failure: boolean(),
  max_changes_per_switch: wholeNumber(1, 1024),
});

const LEVELS_EXAMPLE = `components (${COMPONENTS.join(', ')}), each with a level (${LEVELS.join(', ')})`;

/** Type and limits of every option. config/default.yaml has the meanings and defaults. */
export const configSchema = section({
  host: z.preprocess((value) => value ?? hostname(), list(host, 'the name of a conductor host, or a list of names')),
  transport_url: z.string({ error: 'a URL such as rabbit://user:password@host:5672/vhost' }),
  control_exchange: text('the name of an exchange').max(127, {
    error: 'the name of an exchange, at most 127 characters',
  }),
  rpc_response_timeout: seconds(0.1, 86_400),
  rpc_ping_enabled: boolean(),
  default_network_provider: providerName.transform(providerNamed),
  providers: z.record(pluginName, text('the name of an npm package, or the path of a file'), {
    error: 'provider names, each with an npm package or file',
  }),
  default_boot_option: oneOf(['local', 'netboot', 'ramdisk', 'kickstart']),
  provisioning_network: network(),
  cleaning_network: network(),
  rescuing_network: network(),
  inspection_network: network(),
  servicing_network: network(),
  provisioning_network_security_groups: securityGroups(),
  cleaning_network_security_groups: securityGroups(),
  rescuing_network_security_groups: securityGroups(),
  inspection_network_security_groups: securityGroups(),
  servicing_network_security_groups: securityGroups(),
  rpc: section({
    topic: z
      .string({ error: 'a topic' })
      .regex(/^[\w.-]{1,64}$/, { error: 'a topic: up to 64 letters, digits, _ . -' }),
    queue_type: oneOf(['quorum', 'classic']),
    prefetch: wholeNumber(1, 10_000, 'messages'),
    max_message_bytes: wholeNumber(1024, 134_217_728, 'bytes'),
    max_held_bytes: wholeNumber(1024, 1_000_000_000_000, 'bytes'),
  }),
  oslo_messaging_rabbit,
  database: section({
    connection: databaseUrl,
    max_pool_size: wholeNumber(1, 1000, 'connections'),
    connect_timeout: seconds(0.1, 3600),
    statement_timeout: seconds(2, 3600),
    ssl: boolean(),
    ssl_ca: file(),
    ssl_cert: file(),
    ssl_key: file(),
    ssl_verify_cert: boolean(),
    ssl_verify_identity: boolean(),
  }),
  neutron,
  worker: section({
    shutdown_timeout: seconds(0, 3600),
    lease: seconds(0.3, 60),
    poison: section({
      suspect_after: wholeNumber(1, 1000, 'deaths'),
      tries_alone: wholeNumber(1, 1000, 'deaths'),
    }),
    late_window: seconds(1, 86_400),
    max_operations: wholeNumber(1, 100_000, 'operations'),
    group_size: wholeNumber(1, 10_000, 'operations'),
    retry: section({
      max_attempts: wholeNumber(1, 1000),
      initial_delay: seconds(0.01, 3600),
      max_delay: seconds(0.01, 3600),
      deadline: seconds(1, 86_400),
    }),
  }),
  operations: section({ keep: seconds(60, 3_153_600_000).nullable() }),
  journal: section({
    enabled: boolean(),
    max_age: wholeNumber(60, 31_536_000, 'seconds'),
    max_bytes: wholeNumber(1_000_000, 1_000_000_000_000_000, 'bytes'),
  }),
  reconcile: section({
    interval: wholeNumber(0, 2_592_000, 'seconds'),
    fix: boolean(),
  }),
  auth_strategy: oneOf(['keystone', 'http_basic', 'noauth']),
  http_basic_auth_user_file: text('the path of a file'),
  rbac_service_project_name: text('the name of a project'),
  rbac_service_role_elevated_access: boolean(),
  oslo_policy: section({ enforce_scope: boolean(), enforce_new_defaults: boolean() }),
  keystone_authtoken,
  ssl: section({ cert_file: file(), key_file: file(), ca_file: file() }),
  api: section({
    bind_host: text('an address of this machine'),
    port: wholeNumber(0, 65_535),
    public_endpoint: httpUrl(),
    max_limit: wholeNumber(1, 100_000, 'items'),
    max_body_bytes: wholeNumber(1024, 134_217_728, 'bytes'),
    rate_limit: numberOrNull(1, 1_000_000, 'requests'),
    max_auth_failures: numberOrNull(1, 1_000_000, 'attempts'),
    trusted_proxies: trustedProxies(),
    noauth_anywhere: boolean(),
    project_admin_can_manage_own_nodes: boolean(),
    enable_ssl_api: boolean(),
    health_port: portOrNull(),
  }),
  health: section({
    bind_host: text('an address of this machine'),
    port: portOrNull(),
  }),
  metrics: section({ enabled: boolean() }),
  tracing: section({
    enabled: boolean(),
    endpoint: httpUrl(),
    service_name: text('the name of this service in traces'),
    sample_ratio: ratio(),
  }),
  log: section({
    level: oneOf(LEVELS),
    levels: z.partialRecord(z.enum(COMPONENTS), z.enum(LEVELS, { error: LEVELS_EXAMPLE }), { error: LEVELS_EXAMPLE }),
    format: oneOf(['text', 'json']),
    file: file(),
  }),
});

/** Read-only at every level. */
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** The configuration that the rest of the program gets. */
export type Config = Frozen<z.output<typeof configSchema>>;

/** The paths of all options, such as neutron.auth_type. */
export const OPTIONS: readonly string[] = paths(configSchema);

function paths(section: z.ZodObject, prefix = ''): string[] {
  return Object.entries(section.shape).flatMap(([key, option]) =>
    option instanceof z.ZodObject ? paths(option, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}
