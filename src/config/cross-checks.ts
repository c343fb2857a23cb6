import { parseTransportUrl } from '../amqp/transport-url.js';
import { errorText } from '../async/error-text.js';
import { providerNamed } from '../contract/network-interface.js';
import { BUILT_IN } from '../providers/provider-registry.js';
import { problemsOf } from '../state/database-tls.js';
import { parseDatabaseUrl } from '../state/database-url.js';

/** Options that each auth_type needs. Source: keystoneauth1, the plug-ins of these names. */
const CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  password: ['auth_url', 'username', 'password', 'project_name'],
  v3applicationcredential: ['auth_url', 'application_credential_id', 'application_credential_secret'],
};

/** Options that a section must have to log in to Keystone with this auth_type; empty for an unknown auth_type. */
export function credentialsOf(authType: string): readonly string[] {
  return CREDENTIALS[authType] ?? [];
}

export interface Problem {
  path: string;
  message: string;
}

/** Parameters in the database's URL. They have the names of options of the same section. */
function parametersOf(connection: unknown): ReadonlyMap<string, string> {
  const url = typeof connection === 'string' ? parseDatabaseUrl(connection) : null;
  return url?.parameters ?? new Map<string, string>();
}

/**
 * Finds options that contradict each other.
 *
 * @param option returns the value of an option by its path; options may be missing or have wrong types
 */
export function crossChecks(option: (path: string) => unknown): Problem[] {
  const problems: Problem[] = [];
  const parameters = parametersOf(option('database.connection'));
  const value = (path: string): unknown => parameters.get(path.replace(/^database\./, '')) ?? option(path);
  const unset = (path: string) => value(path) === null || value(path) === undefined;
  const need = (path: string, reason: string) => {
    if (unset(path)) problems.push({ path, message: `is not set: ${reason}` });
  };

  const url = value('transport_url');
  if (typeof url === 'string') {
    try {
      parseTransportUrl(url);
    } catch (error) {
      problems.push({ path: 'transport_url', message: `cannot be used: ${errorText(error)}` });
    }
  }
  for (const problem of problemsOf(parameters)) {
    problems.push({ path: 'database.connection', message: `cannot be used: ${problem}` });
  }
  if (value('tracing.enabled') === true) need('tracing.endpoint', 'tracing.enabled is true');
  for (const section of ['neutron', 'ironic']) {
    const authType = String(value(`${section}.auth_type`));
    for (const name of credentialsOf(authType)) need(`${section}.${name}`, `${section}.auth_type ${authType} needs it`);
  }
  if (
    value('neutron.auth_type') === 'none' &&
    ['neutron', 'flat'].includes(String(value('default_network_provider')))
  ) {
    need('neutron.endpoint_override', 'without Keystone (neutron.auth_type none), no catalog has the endpoint');
  }
  for (const [certificate, key] of [
    ['database.ssl_cert', 'database.ssl_key'],
    ['neutron.certfile', 'neutron.keyfile'],
    ['ironic.certfile', 'ironic.keyfile'],
    ['keystone_authtoken.certfile', 'keystone_authtoken.keyfile'],
    ['oslo_messaging_rabbit.ssl_cert_file', 'oslo_messaging_rabbit.ssl_key_file'],
  ] as const) {
    if (!unset(certificate)) need(key, `${certificate} is set, and a client certificate needs its key`);
    if (!unset(key)) need(certificate, `${key} is set, and a key needs its certificate`);
  }
  const provider = value('default_network_provider');
  const known = [...Object.keys(BUILT_IN), ...Object.keys(Object(value('providers')) as object)];
  if (typeof provider === 'string' && !known.includes(providerNamed(provider))) {
    const message = `is ${JSON.stringify(provider)}: expected one of ${known.join(', ')}, or a name in providers`;
    problems.push({ path: 'default_network_provider', message });
  }
  for (const [first, most] of [
    ['worker.retry.initial_delay', 'worker.retry.max_delay'],
    ['neutron.poll_interval_min', 'neutron.poll_interval_max'],
    ['rpc.max_message_bytes', 'rpc.max_held_bytes'],
    // The database must still know that an operation is done for as long as the journal can replay it.
    ['journal.max_age', 'operations.keep'],
  ] as const) {
    const [low, high] = [value(first), value(most)];
    if (typeof low !== 'number' || typeof high !== 'number' || low <= high) continue;
    problems.push({ path: most, message: `is ${high}: expected at least ${first}, ${low}` });
  }
  return problems;
}
