import { IronicError } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../../../contract/methods.js';
import type { Finding, PortBinding, RecordedBinding } from '../../../contract/types.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { clientId, refOf } from '../../ports/port-like.js';
import { refuseBeside } from '../../ports/recorded.js';
import type { ProviderOutcome, RepairedNode } from '../../provider.js';
import { deletePorts } from '../binding/delete.js';
import { bindingOf, isTransient, makesPorts, type NeutronOperation, withRecorded } from '../binding/operation.js';
import { type Attachment, attachments, unbindVifs } from '../tenant/vifs.js';
import type { FindingKind } from './compare.js';
import { compareWith, portsConcerning } from './compare-nodes.js';
import { type Restored, restorePorts, restoreVifs } from './restore.js';

/** The differences of a node, and the ports in which they were found. */
interface Look {
  readonly findings: Finding[];
  readonly ports: ReadonlyMap<string, NeutronPort>;
}

/** The reasons why repairs failed, by Neutron port. */
type Troubles = Map<string, string>;

/** Compares the node with Neutron, and repairs the differences if the argument `fix` is true. */
export async function reconcile(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { recorded, args } = operation.context;
  if (!args.fix) return { findings: (await look(operation, recorded.length === 0)).findings };
  const { bindings, findings } = await repairNode(recorded, operation);
  return { findings, standing: bindings };
}

/**
 * Repairs the node so that it has the bindings in `standing`. First it removes what should not exist, because that may
 * have the MAC address or the place of a port that should exist. Then it restores the rest with the steps of
 * add_*_network and configure_tenant_networks, but only the bindings that differ, and without a roll-back: a binding
 * that cannot be repaired is left as it is and stays on record, so that the next comparison finds it again.
 *
 * A second comparison with Neutron decides what was repaired.
 */
export async function repairNode(
  standing: readonly RecordedBinding[],
  operation: NeutronOperation,
): Promise<RepairedNode> {
  const unknown = operation.context.recorded.length === 0 && standing.length === 0;
  const before = await look(withRecorded(standing, operation), unknown);
  if (before.findings.length === 0) return { bindings: [...standing], findings: [] };
  const troubles: Troubles = new Map();
  const repairing: NeutronOperation = { ...withRecorded(standing, operation), cutOff: [] };
  await removeStrays(before, troubles, repairing);
  const bindings = await restore(before, troubles, repairing);
  for (const { binding, reason } of repairing.cutOff) troubles.set(binding.neutron_port_id, reason);
  const after = await look(withRecorded(bindings, operation), unknown);
  const findings = concluded(before.findings, after.findings, troubles);
  for (const { kind, neutron_port_id: port, reason, repaired } of findings) {
    operation.context.log.warn('compared the node with its record and found a difference', {
      kind,
      port,
      reason,
      repaired,
    });
  }
  return { bindings, findings };
}

async function look(operation: NeutronOperation, unknown: boolean): Promise<Look> {
  const { context, request } = operation;
  const ports = await portsConcerning([context], operation, request);
  const findings = await compareWith(context, ports, unknown, operation, request);
  return { findings, ports: new Map(ports.map((port) => [port.id, port])) };
}

/** Deletes stray ports of ours, and unbinds ports that should not be bound to the node. */
async function removeStrays({ findings, ports }: Look, troubles: Troubles, operation: NeutronOperation): Promise<void> {
  const { context } = operation;
  const of = (kind: FindingKind): NeutronPort[] =>
    findings.flatMap((finding) => (finding.kind === kind ? (ports.get(finding.neutron_port_id) ?? []) : []));
  // A stray port in the place of a missing port is kept, and adopted later.
  const missing = new Set(findings.flatMap(({ kind, neutron_port_id: id }) => (kind === 'missing_port' ? [id] : [])));
  const vacant = context.recorded.filter((binding) => missing.has(binding.neutron_port_id));
  const strays = of('stray_port')
    .filter((port) => !vacant.some((binding) => isAt(binding, port)))
    .map((port) => bindingOf(refOf(port, context), port));
  const attached = attachments(context.task);
  const bound = of('stray_binding').map((port): Attachment => {
    const own = attached.find(({ vif }) => vif === port.id);
    // The VIF got the NIC's MAC address from vif_attach and must keep it until configure_tenant_networks.
    return own === undefined ? detached(port, operation) : { ...own, address: null, clientId: null };
  });
  const undeleted = (await deletePorts(strays, operation)).left;
  const left = [...undeleted, ...(await unbindVifs(bound, ports, operation))];
  for (const { binding, reason } of left) troubles.set(binding.neutron_port_id, reason);
}

function isAt({ network_id, mac_address }: PortBinding, port: NeutronPort): boolean {
  return network_id === port.network_id && mac_address.toLowerCase() === port.mac_address.toLowerCase();
}

/** A VIF that the node no longer has, as an attachment to the NIC whose MAC address the VIF has. */
function detached(port: NeutronPort, { context }: NeutronOperation): Attachment {
  const ref = refOf(port, context);
  const carried = ref.port_uuid !== null || ref.portgroup_uuid !== null;
  const nic = context.task.ports.find(({ uuid }) => uuid === ref.port_uuid);
  return {
    vif: port.id,
    ref,
    address: carried ? port.mac_address.toLowerCase() : null,
    clientId: nic === undefined ? null : clientId(nic),
    smartNicHost: null,
  };
}

/** Restores recorded bindings that differ, one network type after the other. Returns the bindings to record. */
async function restore(
  { findings, ports }: Look,
  troubles: Troubles,
  operation: NeutronOperation,
): Promise<RecordedBinding[]> {
  const kinds = new Map<string, FindingKind[]>();
  for (const { kind, neutron_port_id: id } of findings) kinds.set(id, [...(kinds.get(id) ?? []), kind as FindingKind]);
  let recorded = [...operation.context.recorded];
  for (const type of new Set(recorded.map((binding) => binding.network_type))) {
    const wrong = recorded.filter((binding) => {
      const { network_type, neutron_port_id: id } = binding;
      return network_type === type && canBeRestored(kinds.get(id) ?? [], ports.get(id));
    });
    if (wrong.length === 0) continue;
    const restored = await restoreType(type, wrong, { ports, kinds }, withRecorded(recorded, operation));
    for (const [id, trouble] of restored.troubles) troubles.set(id, trouble);
    recorded = recorded.map((binding) => {
      const anew = binding.network_type === type ? restored.bindings.get(binding.neutron_port_id) : undefined;
      return anew === undefined ? binding : { ...anew, network_type: type };
    });
  }
  return recorded;
}

/**
 * Whether a binding can be restored. A port that is bound and merely not ACTIVE is left alone, because it would lose
 * its binding while its agent is dead; it is restored only if its admin_state_up is false.
 */
function canBeRestored(kinds: readonly FindingKind[], port: NeutronPort | undefined): boolean {
  return kinds.some((kind) => kind !== 'not_active' || port?.admin_state_up === false);
}

async function restoreType(
  type: NetworkType,
  wrong: readonly RecordedBinding[],
  seen: Parameters<typeof restorePorts>[2],
  operation: NeutronOperation,
): Promise<Restored> {
  try {
    if (type !== 'tenant' && makesPorts(type, operation)) {
      refuseBeside(['tenant'], operation.context);
      return await restorePorts(type, wrong, seen, operation);
    }
    if (operation.wired) refuseBeside(MANAGEMENT_NETWORK_TYPES, operation.context);
    return await restoreVifs(wrong, seen.ports, operation);
  } catch (error) {
    operation.context.signal.throwIfAborted();
    if (isTransient(error) || !(error instanceof IronicError || error instanceof OpenStackError)) throw error;
    const troubles = new Map(wrong.map((binding) => [binding.neutron_port_id, error.message]));
    return { bindings: new Map<string, PortBinding>(), troubles };
  }
}

/** Merges both comparisons: a finding that has disappeared was repaired, and a new one was caused by the repair. */
function concluded(before: readonly Finding[], after: readonly Finding[], troubles: Troubles): Finding[] {
  const same = (one: Finding) => (other: Finding) =>
    one.kind === other.kind && one.neutron_port_id === other.neutron_port_id;
  const judged = before.map((finding) => {
    const still = after.find(same(finding));
    if (still === undefined) return { ...finding, repaired: true };
    return explained(still, troubles);
  });
  const further = after.filter((finding) => !before.some(same(finding)));
  return [...judged, ...further.map((finding) => explained(finding, troubles))];
}

function explained(finding: Finding, troubles: Troubles): Finding {
  const trouble = troubles.get(finding.neutron_port_id);
  return trouble === undefined ? finding : { ...finding, reason: `${finding.reason}; it was not repaired: ${trouble}` };
}
