/** A network provider that gives the answer named in the node's instance_info, mostly one that cannot be recorded. */
import { METHOD_NAMES, type MethodName, METHODS } from '../../src/contract/methods.js';
import type { PortBinding } from '../../src/contract/types.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { type Answer, ANSWER_KEY, ANSWERS, REFUSED_TYPE } from '../plan/answers.js';

/** Number of characters that exceeds the limit of an outcome. */
const LARGE = 3 * 1024 * 1024;

type Method = (context: ProviderContext) => Promise<ProviderOutcome>;

export default function createChaosProvider(): NetworkProvider {
  const moves = METHOD_NAMES.filter((name) => METHODS[name].networkType !== null);
  const methods = Object.fromEntries(moves.map((name) => [name, move(name)])) as Record<keyof typeof METHODS, Method>;
  return {
    ...methods,
    reconcile: () => Promise.resolve({ findings: [] }),
    repair: (_context, standing) => Promise.resolve({ bindings: [...standing], findings: [] }),
  };
}

function move(name: MethodName): Method {
  return ({ task }) => {
    const told = task.node.instance_info[ANSWER_KEY];
    const answer = Object.keys(ANSWERS).find((one): one is Answer => one === told) ?? 'good';
    const bindings = name.startsWith('add_')
      ? task.ports.map(({ uuid, address }) => bindingOf(uuid, address, task.node.uuid))
      : [];
    return Promise.resolve(spoilt(answer, bindings) as ProviderOutcome);
  };
}

function bindingOf(port: string, mac: string, node: string): PortBinding {
  return {
    port_uuid: port,
    portgroup_uuid: null,
    // The plug-in has no Neutron: each NIC has one port, with the NIC's name as its id.
    neutron_port_id: port,
    network_id: port,
    host_id: node,
    vnic_type: 'baremetal',
    vif_type: 'other',
    status: 'ACTIVE',
    mac_address: mac,
    fixed_ips: [],
    profile: {},
  };
}

/** An outcome that TypeScript would not allow, but that a plug-in may return. */
function spoilt(answer: Answer, bindings: PortBinding[]): unknown {
  const having = (fields: object): unknown => ({
    bindings: bindings.map((one) => ({ ...one, ...fields })),
    failures: [],
  });
  switch (answer) {
    case 'deadly':
      process.kill(process.pid, 'SIGKILL');
      return null;
    case 'good':
      return having({});
    case 'nothing':
      return null;
    case 'column':
      return having({ 'status = NULL, x': 'y' });
    case 'long':
      return having({ status: 'ACTIVE'.repeat(100) });
    case 'large':
      return having({ profile: { filling: 'x'.repeat(LARGE) } });
    case 'value':
      return having({ profile: { when: new Date(0) } });
    case 'refused':
      return having({ vif_type: REFUSED_TYPE });
  }
}
