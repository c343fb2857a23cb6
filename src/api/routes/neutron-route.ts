import type { DataSource } from 'typeorm';

import { attachedVifs, withNotedVifs } from '../../contract/vifs.js';
import type { Nodes } from '../../inventory/nodes.js';
import type { NeutronNetworkDetails, NeutronPort } from '../../neutron/resources.js';
import { OpenStackError } from '../../openstack/errors.js';
import { loadRecords, type NodeRow, whereabouts } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import type { ApiServer } from '../http/types.js';
import { NODE_IN_NEUTRON } from '../operators/schemas.js';
import type { OperatorTools } from '../operators/tools.js';
import { NODE_PARAMS } from './node-routes.js';

export interface NeutronRoute {
  dataSource: DataSource;
  nodes: Nodes;
  tools: Pick<OperatorTools, 'nodeInNeutron'>;
}

/** Adds /v1/nodes/{node}/neutron: what Neutron says of a node now, beside its record in /v1/nodes/{node}/network. */
export function neutronRoute(server: ApiServer, { dataSource, nodes, tools }: NeutronRoute): void {
  server.get(
    '/v1/nodes/:node/neutron',
    {
      schema: { summary: 'Show what Neutron says now of a node', params: NODE_PARAMS, response: NODE_IN_NEUTRON },
      config: { policy: 'netprov:network:get' },
    },
    async (request) => {
      const node = await accessOf(request).node(nodes, request.params.node, 'netprov:network:get');
      const recorded = await recordedPorts(dataSource, node);
      const devices = [node.uuid, ...(node.instance_uuid === null ? [] : [node.instance_uuid])];
      const found = await asked(tools.nodeInNeutron({ uuid: node.uuid, devices, ports: recorded }));
      const there = new Set(found.ports.map(({ id }) => id));
      return {
        node_uuid: node.uuid,
        read_at: new Date(),
        ports: found.ports.map((port) => shownPort(port, recorded.includes(port.id))),
        networks: found.networks.map(shownNetwork),
        missing: recorded.filter((id) => !there.has(id)),
        findings: found.findings,
      };
    },
  );
}

/** Ids of the Neutron ports that the node is bound to, and of its VIFs. */
async function recordedPorts({ manager }: DataSource, { uuid }: NodeRow): Promise<string[]> {
  const { bindings } = await whereabouts(manager, uuid);
  const record = (await loadRecords(manager, [uuid])).get(uuid);
  const vifs = record === undefined ? [] : attachedVifs(withNotedVifs(record.task, record.vifs));
  return [...new Set([...bindings.map(({ neutron_port_id }) => neutron_port_id), ...vifs.map(({ id }) => id)])];
}

/** @throws ApiError 503 or 500 when Neutron does not answer, or refuses */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof OpenStackError ? error.cause : error;
    if (!(cause instanceof OpenStackError)) throw error;
    throw new ApiError(cause.transient ? 503 : 500, `Neutron could not be asked: ${cause.message}`);
  }
}

function shownPort(port: NeutronPort, recorded: boolean): object {
  const { id, name, status, admin_state_up, network_id, mac_address, fixed_ips, device_owner, device_id } = port;
  return {
    ...{ id, name, status, admin_state_up, network_id, mac_address, fixed_ips, device_owner, device_id },
    host_id: port['binding:host_id'],
    vnic_type: port['binding:vnic_type'],
    vif_type: port['binding:vif_type'],
    profile: port['binding:profile'],
    recorded,
  };
}

function shownNetwork(network: NeutronNetworkDetails): object {
  return {
    id: network.id,
    name: network.name,
    network_type: network['provider:network_type'] ?? null,
    physical_network: network['provider:physical_network'] ?? null,
    segmentation_id: network['provider:segmentation_id'] ?? null,
  };
}
