import type { z } from 'zod';

import { definitionsOf, optionsAmong, section, variableOf } from './option.js';
import { accessOptions, apiSection, policySection, sslSection } from './options/api-options.js';
import { databaseSection, operationsSection } from './options/database-options.js';
import { ironicSection, keystoneSection } from './options/keystone-options.js';
import { messagingOptions, rabbitSection, rpcSection } from './options/messaging-options.js';
import { networkOptions } from './options/network-options.js';
import { neutronSection } from './options/neutron-options.js';
import { healthSection, logSection, metricsSection, tracingSection } from './options/observation-options.js';
import { journalSection, reconcileSection, workerSection } from './options/worker-options.js';

/** All options, in the order of config/default.yaml. */
export const configSchema = section('', {
  ...messagingOptions,
  ...networkOptions,
  rpc: rpcSection,
  oslo_messaging_rabbit: rabbitSection,
  database: databaseSection,
  neutron: neutronSection,
  ironic: ironicSection,
  worker: workerSection,
  operations: operationsSection,
  journal: journalSection,
  reconcile: reconcileSection,
  ...accessOptions,
  oslo_policy: policySection,
  keystone_authtoken: keystoneSection,
  ssl: sslSection,
  api: apiSection,
  health: healthSection,
  metrics: metricsSection,
  tracing: tracingSection,
  log: logSection,
});

/** Read-only at every level. */
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** The configuration that the rest of the program gets. */
export type Config = Frozen<z.output<typeof configSchema>>;

const all = optionsAmong(definitionsOf(configSchema));

/** The paths of all options, such as neutron.auth_type. */
export const OPTIONS: readonly string[] = all.map(({ path }) => path);

/** Options whose values never appear in errors or logs. */
export const SECRET_OPTIONS: readonly string[] = all.filter(({ secret }) => secret).map(({ path }) => path);

/** Short names of variables, used when the variable itself is not set. */
export const SHORT_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  all.flatMap(({ path, shortName }) => (shortName === null ? [] : [[shortName, variableOf(path)]])),
);
