import type { DataSource } from 'typeorm';

import { RpcConnection } from '../amqp/index.js';
import type { NodeInNeutron, OperatorTools } from '../api/operators/tools.js';
import type { NetworkProviderClient } from '../client/network-provider-client.js';
import type { Config } from '../config/load.js';
import { examine } from '../doctor/examine.js';
import { componentLogger, type Logger } from '../log/log.js';
import { NeutronClient } from '../neutron/client.js';
import { BUILT_IN, ProviderRegistry } from '../providers/provider-registry.js';
import { differences } from '../recovery/differences.js';
import { connectionOptions } from './connect.js';
import { doctorContextOf } from './doctor-context.js';
import { openIronic } from './ironic-access.js';
import { LetterAccess } from './letter-tools.js';
import { NetworkNames } from './network-names.js';
import { QueueDepths } from './queue-depths.js';
import { reconcileNodes, type RecoveryParts, replayJournal } from './recovery-tools.js';
import type { Closers } from './service.js';

/** Time limit for the checks of each server, in seconds. */
const EXAMINE_WITHIN = 15;

interface OperatorToolsParts {
  dataSource: DataSource;
  client: Pick<NetworkProviderClient, 'call'>;
  log: Logger;
  closers: Closers;
}

/** What operators can have done through the API. The commands of netprov do the same with the same parts. */
export function openOperatorTools(
  config: Config,
  { dataSource, client, log, closers }: OperatorToolsParts,
): OperatorTools {
  const neutron = new NeutronClient(config.neutron, { log: componentLogger(log, 'neutron') });
  closers.push(() => neutron.close());
  const providers = new ProviderRegistry({
    known: BUILT_IN,
    plugins: config.providers,
    defaultProvider: config.default_network_provider,
    services: { log: componentLogger(log, 'providers'), neutron, options: config },
  });
  const ironic = openIronic(config);
  if (ironic !== null) closers.push(() => ironic.close());
  const parts: RecoveryParts = {
    config,
    dataSource,
    client,
    providers,
    neutron,
    ironic,
    log: componentLogger(log, 'api'),
  };
  const names = new NetworkNames(neutron, parts.log);
  const connection = new RpcConnection(connectionOptions(config, 'netprov api queues', componentLogger(log, 'rpc')));
  closers.push(() => connection.close());
  const depths = new QueueDepths(connection, config.rpc.topic);
  return {
    letters: new LetterAccess(config, parts.log),
    examine: (conductors) => {
      const host = conductors.length > 0 ? [...conductors] : config.host;
      return examine(doctorContextOf({ ...config, host }, { timeout: EXAMINE_WITHIN }));
    },
    replay: (wanted, isTrial, context) => replayJournal(parts, wanted, isTrial, context),
    reconcile: (wanted, isTrial, context) => reconcileNodes(parts, wanted, isTrial, context),
    nodeInNeutron: (node) => look(neutron, parts, node),
    networkNames: (ids) => names.of(ids),
    queues: (conductors) => depths.of(conductors),
  };
}

/** Asks Neutron for the ports that the record names, and for those that name the node, and compares both. */
async function look(
  neutron: NeutronClient,
  { config, dataSource, providers }: RecoveryParts,
  { uuid, devices, ports: recorded }: Parameters<OperatorTools['nodeInNeutron']>[0],
): Promise<NodeInNeutron> {
  const [named, owned] = await Promise.all([
    neutron.listPorts({ id: recorded }),
    neutron.listPorts({ device_id: devices }),
  ]);
  const ports = [...new Map([...named, ...owned].map((port) => [port.id, port])).values()];
  const networks = await neutron.describeNetworks([...new Set(ports.map(({ network_id }) => network_id))]);
  const findings: NodeInNeutron['findings'] = [];
  const parts = {
    dataSource,
    providers,
    defaultNetworkProvider: config.default_network_provider,
    signal: new AbortController().signal,
  };
  for await (const group of differences({ nodes: [uuid] }, parts)) {
    findings.push(...group.flatMap((one) => one.findings));
  }
  return { ports, networks, findings };
}
