import { hostname } from 'node:os';

import type { Config } from '../../config/load.js';
import type { DoctorRule } from '../finding.js';

/** Whether the configuration can be used: a problem of it, or null. */
export const READ_RULES: readonly DoctorRule<string | null>[] = [
  { check: 'read', status: 'ok', when: (problem) => problem === null, what: 'the configuration is valid' },
  {
    check: 'read',
    status: 'problem',
    what: (problem) => problem ?? '',
    remedy: 'correct the option: config/default.yaml explains each one',
  },
];

/** The conductor hosts to serve. */
export const HOST_RULES: readonly DoctorRule<Config>[] = [
  {
    check: 'host',
    status: 'ok',
    when: ({ host }) => host.length > 1 || host[0] !== hostname(),
    what: ({ host }) => `conductor hosts: ${host.join(', ')}`,
  },
  {
    check: 'host',
    status: 'warning',
    what: ({ host }) =>
      `the conductor host is "${host[0] ?? ''}", the hostname of this machine: perhaps host is not set`,
    remedy:
      'nothing to do if the conductor runs on this machine; else set host, or --host, to the value of [DEFAULT] host in ironic.conf',
  },
];

interface ProviderFacts {
  provider: string;
  /** The options that name a network and are set. */
  networks: readonly string[];
}

/** The default provider, and the networks that it needs. */
export const PROVIDER_RULES: readonly DoctorRule<ProviderFacts>[] = [
  {
    check: 'default_network_provider',
    status: 'warning',
    when: ({ provider, networks }) => provider === 'none' && networks.length > 0,
    what: ({ networks }) =>
      `${networks.join(', ')} set, but default_network_provider is none: only nodes that have a network_provider are moved`,
    remedy: 'set default_network_provider to neutron, or set the provider of each node with netprov node set',
  },
  {
    check: 'networks',
    status: 'warning',
    when: ({ provider, networks }) => provider === 'neutron' && networks.length === 0,
    what: 'default_network_provider is neutron, but no network is set: nodes without a network in driver_info cannot be moved',
    remedy: 'set provisioning_network and cleaning_network',
  },
  {
    check: 'default_network_provider',
    status: 'ok',
    what: ({ provider }) => `default_network_provider is ${provider}`,
  },
];

/** A time limit that another one needs to fit into. */
interface TimeLimit {
  option: string;
  value: (config: Config) => number;
  other: string;
  needed: (config: Config) => number;
  /** What happens if the limit is too short. */
  effect: string;
}

const BINDING = {
  other: 'neutron.binding_timeout',
  needed: ({ neutron }: Config) => neutron.binding_timeout,
};

const TIME_LIMITS: readonly TimeLimit[] = [
  {
    option: 'worker.late_window',
    value: ({ worker }) => worker.late_window,
    other: 'neutron.timeout',
    needed: ({ neutron }) => neutron.timeout,
    effect: 'a request that timed out may take effect after the worker has stopped checking for it',
  },
  {
    option: 'worker.retry.deadline',
    value: ({ worker }) => worker.retry.deadline,
    ...BINDING,
    effect: 'an operation whose ports do not become ACTIVE in time is never retried',
  },
  {
    option: 'rpc_response_timeout',
    value: ({ rpc_response_timeout }) => rpc_response_timeout,
    ...BINDING,
    effect: 'a caller may give up while the worker still waits for ports',
  },
  {
    option: 'worker.shutdown_timeout',
    value: ({ worker }) => worker.shutdown_timeout,
    ...BINDING,
    effect: 'a worker that stops may abort operations that still wait for ports',
  },
];

/** Settings that are valid but probably not intended. */
export const SETTING_RULES: readonly DoctorRule<Config>[] = [
  ...TIME_LIMITS.map(({ option, value, other, needed, effect }): DoctorRule<Config> => {
    return {
      check: option,
      status: 'warning',
      when: (config) => value(config) < needed(config),
      what: (config) => `${option} is ${value(config)} s, less than ${other}, ${needed(config)} s: ${effect}`,
      remedy: (config) => `set ${option} to ${needed(config)} or more`,
    };
  }),
  {
    check: 'neutron.insecure',
    status: 'warning',
    when: ({ neutron }) => neutron.insecure,
    what: 'neutron.insecure is true: the certificates of Neutron and Keystone are not verified',
    remedy: 'set neutron.cafile to the certificate authority, and neutron.insecure to false',
  },
  {
    check: 'ssl_enforce_hostname_verification',
    status: 'warning',
    when: ({ oslo_messaging_rabbit: rabbit }) => rabbit.ssl && !rabbit.ssl_enforce_hostname_verification,
    what: "ssl_enforce_hostname_verification is false: another host's certificate is accepted as the broker's",
    remedy: 'set oslo_messaging_rabbit.ssl_enforce_hostname_verification to true',
  },
  {
    check: 'reconcile',
    status: 'warning',
    when: ({ reconcile }) => reconcile.fix && reconcile.interval === 0,
    what: 'reconcile.fix is true, but reconcile.interval is 0: the worker neither compares nor repairs',
    remedy: 'set reconcile.interval to a number of seconds',
  },
];
