import { randomUUID } from 'node:crypto';

import type { MethodName } from '../../src/index.js';
import { randomMac } from '../../testkit/fixtures/samples.js';

/** A NIC, which Ironic calls a port. */
export interface BenchPort {
  uuid: string;
  address: string;
  pxe_enabled: true;
  physical_network: string;
  local_link_connection: { switch_id: string; port_id: string; switch_info: string };
}

export interface BenchNode {
  uuid: string;
  name: string;
  ports: BenchPort[];
  /** The tenant's Neutron port on each NIC, in the order of the ports; empty for a node without a tenant. */
  vifs: string[];
}

export const SCENARIO_NAMES = ['cleaning_2_nics', 'cleaning_8_nics', 'deploy_2_nics', 'cleaning_50_nodes'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** Methods that are called one after the other and bring the node back to its first state. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  /** How many nodes go through it at once. */
  readonly nodes: number;
  readonly nics: number;
  /** Whether the node is on its tenant network at first. */
  readonly tenant: boolean;
  readonly methods: readonly MethodName[];
}

const CLEANING = ['add_cleaning_network', 'remove_cleaning_network'] as const;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'cleaning_2_nics', title: 'cleaning, 2 NICs', nodes: 1, nics: 2, tenant: false, methods: CLEANING },
  { name: 'cleaning_8_nics', title: 'cleaning, 8 NICs', nodes: 1, nics: 8, tenant: false, methods: CLEANING },
  {
    name: 'deploy_2_nics',
    title: 'deploy, 2 NICs',
    nodes: 1,
    nics: 2,
    tenant: true,
    methods: [
      'unconfigure_tenant_networks',
      'add_provisioning_network',
      'remove_provisioning_network',
      'configure_tenant_networks',
    ],
  },
];

/** Many nodes at once: as when a rack is enrolled. It takes minutes, so it is measured apart from the others. */
export const CROWD: Scenario = {
  name: 'cleaning_50_nodes',
  title: 'cleaning, 50 nodes at once',
  nodes: 50,
  nics: 2,
  tenant: false,
  methods: CLEANING,
};

/** Makes a node for a scenario, without VIFs. */
export function makeNode(scenario: Pick<Scenario, 'nics'>): BenchNode {
  const ports = Array.from({ length: scenario.nics }, (_, index): BenchPort => {
    const link = { switch_id: '00:1c:73:00:00:01', port_id: `Ethernet${index + 1}`, switch_info: 'leaf-1' };
    const uuid = randomUUID();
    return {
      uuid,
      address: randomMac(),
      pxe_enabled: true,
      physical_network: 'physnet1',
      local_link_connection: link,
    };
  });
  const uuid = randomUUID();
  return { uuid, name: `bench-${uuid.slice(0, 8)}`, ports, vifs: [] };
}
