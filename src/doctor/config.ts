import { hostname } from 'node:os';

import type { Config } from '../config/load.js';
import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { Findings, DoctorContext } from './finding.js';

/** Warns about settings that are valid but probably not intended. The configuration was validated before. */
export function checkConfig({ config }: DoctorContext, findings: Findings): Promise<void> {
  findings.ok('read', 'the configuration can be used');
  checkHosts(config, findings);
  checkNetworks(config, findings);
  checkTimes(config, findings);
  checkSecurity(config, findings);
  if (config.reconcile.fix && config.reconcile.interval === 0) {
    findings.warning(
      'reconcile',
      'reconcile.fix is true, but reconcile.interval is 0: nothing is compared, and nothing repaired',
      'set reconcile.interval, in seconds',
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
    `the conductor host is "${first}", the name of this machine, as it is where none is given`,
    'right where the conductor runs here; else set host to what the conductors have as [DEFAULT] host, or give --host',
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
      `${set.join(', ')} set, but default_network_provider is none: only nodes with a network_provider of their own are moved`,
      'set default_network_provider to neutron, or each node with netprov node set',
    );
  } else if (provider === 'neutron' && set.length === 0) {
    findings.warning(
      'networks',
      'default_network_provider is neutron, but no network is set: nodes whose driver_info names none cannot be moved',
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
      'a request that took too long may take effect when nobody looks for that any more',
    ],
    [
      'worker.retry.deadline',
      worker.retry.deadline,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'an operation that waits for its ports to the end is not tried again',
    ],
    [
      'rpc_response_timeout',
      response,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'callers give up before the worker does',
    ],
    [
      'worker.shutdown_timeout',
      worker.shutdown_timeout,
      'neutron.binding_timeout',
      neutron.binding_timeout,
      'a worker that stops aborts operations that would have ended',
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
      'neutron.insecure is true: certificates of Neutron and Keystone are not verified',
      'set neutron.cafile to the certificate authority, and neutron.insecure to false',
    );
  }
  if (rabbit.ssl && !rabbit.ssl_enforce_hostname_verification) {
    findings.warning(
      'ssl_enforce_hostname_verification',
      'a certificate of any other host is taken for that of the broker',
      'set oslo_messaging_rabbit.ssl_enforce_hostname_verification to true',
    );
  }
}
