import { hostname } from 'node:os';

import type { Config } from '../config/load.js';
import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { Findings, DoctorContext } from './finding.js';

/** Warns about settings that are valid but probably not intended. The configuration was validated before. */
export function checkConfig({ config }: DoctorContext, findings: Findings): Promise<void> {
  findings.ok('read', 'the configuration is valid');
  checkHosts(config, findings);
  checkNetworks(config, findings);
  checkTimes(config, findings);
  checkSecurity(config, findings);
  if (config.reconcile.fix && config.reconcile.interval === 0) {
    findings.warning(
      'reconcile',
      'reconcile.fix is true, but reconcile.interval is 0: the worker neither compares nor repairs',
      'set reconcile.interval to a number of seconds',
    );
  }
  return Promise.resolve();
}

function checkHosts({ host }: Config, findings: Findings): void {
  const [first = ''] = host;
  if (host.length > 1 || first !== hostname()) {
    findings.ok('host', `conductor hosts: ${host.join(', ')}`);
    return;
  }
  findings.warning(
    'host',
    `the conductor host is "${first}", the hostname of this machine: perhaps host is not set`,
    'nothing to do if the conductor runs on this machine; else set host, or --host, to the value of [DEFAULT] host in ironic.conf',
  );
}

function checkNetworks(config: Config, findings: Findings): void {
  const set = MANAGEMENT_NETWORK_TYPES.map((type) => `${type}_network` as const).filter(
    (option) => config[option] !== null,
  );
  const provider = config.default_network_provider;
  if (provider === 'none' && set.length > 0) {
    findings.warning(
      'default_network_provider',
      `${set.join(', ')} set, but default_network_provider is none: only nodes that have a network_provider are moved`,
      'set default_network_provider to neutron, or set the provider of each node with netprov node set',
    );
  } else if (provider === 'neutron' && set.length === 0) {
    findings.warning(
      'networks',
      'default_network_provider is neutron, but no network is set: nodes without a network in driver_info cannot be moved',
      'set provisioning_network and cleaning_network',
    );
  } else findings.ok('default_network_provider', `default_network_provider is ${provider}`);
}

/** Warns about a time limit that is shorter than another one which needs to fit into it. */
function checkTimes({ worker, neutron, rpc_response_timeout: response }: Config, findings: Findings): void {
  const least: [string, number, string, number, string][] = [
    [
      'worker.late_window',
      worker.late_window,
      'neutron.timeout',
      neutron.timeout,
      'a request that timed out may take effect after the worker has stopped checking for it',
    ],
    [
      'worker.retry.deadline',
      worker.retry.deadline,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'an operation whose ports do not become ACTIVE in time is never retried',
    ],
    [
      'rpc_response_timeout',
      response,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'a caller may give up while the worker still waits for ports',
    ],
    [
      'worker.shutdown_timeout',
      worker.shutdown_timeout,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'a worker that stops may abort operations that still wait for ports',
    ],
  ];
  for (const [option, value, other, needed, what] of least) {
    if (value >= needed) continue;
    findings.warning(
      option,
      `${option} is ${value} s, less than ${other}, ${needed} s: ${what}`,
      `set ${option} to ${needed} or more`,
    );
  }
}

function checkSecurity({ neutron, oslo_messaging_rabbit: rabbit }: Config, findings: Findings): void {
  if (neutron.insecure) {
    findings.warning(
      'neutron.insecure',
      'neutron.insecure is true: the certificates of Neutron and Keystone are not verified',
      'set neutron.cafile to the certificate authority, and neutron.insecure to false',
    );
  }
  if (rabbit.ssl && !rabbit.ssl_enforce_hostname_verification) {
    findings.warning(
      'ssl_enforce_hostname_verification',
      "ssl_enforce_hostname_verification is false: another host's certificate is accepted as the broker's",
      'set oslo_messaging_rabbit.ssl_enforce_hostname_verification to true',
    );
  }
}
