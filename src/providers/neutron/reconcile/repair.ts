import { IronicError } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../../../contract/methods.js';
import type { Finding, PortBinding } from '../../../contract/types.js';
import { NeutronError } from '../../../neutron/errors.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { clientId, refOf } from '../../ports/port-like.js';
import { refuseBeside } from '../../ports/recorded.js';
import type { ProviderOutcome, RecordedBinding, RepairedNode } from '../../provider.js';
import { deletePorts } from '../binding/delete.js';
import { bindingOf, isTransient, makesPorts, type NeutronOperation, withRecorded } from '../binding/operation.js';
import { type Attachment, attachments, unbindVifs } from '../tenant/vifs.js';
import { compareWith, portsConcerning } from './compare-nodes.js';
import type { FindingKind } from './compare.js';
import { type Restored, restorePorts, restoreVifs } from './restore.js';

/** A node's differences, and the ports that they were told from. */
interface Look {
  readonly findings: Finding[];
  readonly ports: ReadonlyMap<string, NeutronPort>;
}

/** Why a repair did not succeed, by Neutron port. */
type Troubles = Map<string, string>;

/** Compares the node with Neutron, and repairs what differs if the argument fix says so. */
export async function reconcile(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { recorded, args } = operation.context;
  if (!args.fix) return { findings: (await look(operation, recorded.length === 0)).findings };
  const { bindings, findings } = await repairNode(recorded, operation);
  return { findings, standing: bindings };
}

/**
 * Repairs what differs from the bindings that are to stand. First goes what should not be there: it may have the MAC
 * address or the place of what should. Then the rest is made anew by the very steps of add_*_network and
 * configure_tenant_networks, but only for what differs, and with nothing undone: what cannot be repaired is left as
 * it is, and stays on record, so that the next look finds it again.
 *
 * A second look at Neutron says what was repaired.
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
    operation.context.log.warn('the node differed from its record', { kind, port, reason, repaired });
  }
  return { bindings, findings };
}

async function look(operation: NeutronOperation, unknown: boolean): Promise<Look> {
  const { context, request } = operation;
  const ports = await portsConcerning([context], operation, request);
  const findings = await compareWith(context, ports, unknown, operation, request);
  return { findings, ports: new Map(ports.map((port) => [port.id, port])) };
}

/** Deletes stray ports of ours, and unbinds what is bound to the node and should not be. */
async function removeStrays({ findings, ports }: Look, troubles: Troubles, operation: NeutronOperation): Promise<void> {
  const { context } = operation;
  const of = (kind: FindingKind): NeutronPort[] =>
    findings.flatMap((finding) => (finding.kind === kind ? (ports.get(finding.neutron_port_id) ?? []) : []));
  // One that has the place of a missing one is adopted.
  const missing = new Set(findings.flatMap(({ kind, neutron_port_id: id }) => (kind === 'missing_port' ? [id] : [])));
  const vacant = context.recorded.filter((binding) => missing.has(binding.neutron_port_id));
  const strays = of('stray_port')
    .filter((port) => !vacant.some((binding) => isAt(binding, port)))
    .map((port) => bindingOf(refOf(port, context), port));
  const attached = attachments(context.task);
  const bound = of('stray_binding').map((port): Attachment => {
    const own = attached.find(({ vif }) => vif === port.id);
    // vif_attach gave it the NIC's MAC address, with which it is to wait for configure_tenant_networks.
    return own === undefined ? detached(port, operation) : { ...own, address: null, clientId: null };
  });
  const left = [...(await deletePorts(strays, operation)), ...(await unbindVifs(bound, ports, operation))];
  for (const { binding, reason } of left) troubles.set(binding.neutron_port_id, reason);
}

function isAt({ network_id, mac_address }: PortBinding, port: NeutronPort): boolean {
  return network_id === port.network_id && mac_address.toLowerCase() === port.mac_address.toLowerCase();
}

/** A VIF that the node does not have any more, on the NIC whose MAC address it has. */
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

/** Restores what is on record and differs, one type of network after the other. Answers with what then stands. */
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

/** To bind a port again that is bound, and only not ACTIVE, would lose its binding while its agent is dead. */
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
    if (isTransient(error) || !(error instanceof IronicError || error instanceof NeutronError)) throw error;
    const troubles = new Map(wrong.map((binding) => [binding.neutron_port_id, error.message]));
    return { bindings: new Map<string, PortBinding>(), troubles };
  }
}

/** What was found before and is not found any more was repaired; what is found only now came of the repair. */
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
