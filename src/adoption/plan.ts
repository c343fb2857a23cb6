import { isDeepStrictEqual } from 'node:util';

import { InvalidParameterValue, isIronicError } from '../contract/errors.js';
import { providerNamed, unknownProvider } from '../contract/network-interface.js';
import { readTask } from '../contract/task.js';
import type { RecordedBinding, Task, Vif } from '../contract/types.js';
import { attachedVifs, withNotedVifs } from '../contract/vifs.js';
import type { IronicNode, IronicPart } from '../ironic/nodes-and-ports.js';
import type { NeutronPort } from '../neutron/resources.js';
import type { NodeWithTask, StoredBinding } from '../state/index.js';
import { bindingsOf, isOn, notesOf } from './notes.js';

/** Ironic's network interface that lets netprov move the node. */
export const OURS = 'netprov';
/** The provider that Ironic's network interface netprov asks for, unless its option network_provider says otherwise. */
const DEFAULT_OF_OURS = 'neutron';

/** A node in Ironic, with its ports and portgroups. */
export interface NodeInIronic {
  node: IronicNode;
  ports: readonly IronicPart[];
  portgroups: readonly IronicPart[];
}

export interface AdoptionRules {
  /** The provider to record for all nodes. Null: that of the node's network interface. */
  provider: string | null;
  /** The providers that workers know. */
  known: readonly string[];
  /** The provider of nodes on record without one. */
  defaultProvider: string;
}

/** The record that a node is to get. */
export interface Adoption {
  task: Task;
  provider: string;
  bindings: RecordedBinding[];
}

/**
 * What adoption comes to for a node: its record changes; it stays as it is; the node is on no network, so that there is
 * nothing to record; or the node cannot be adopted, and somebody has to look at it.
 */
export type Verdict =
  | { kind: 'adopt'; adoption: Adoption; warnings: string[] }
  | { kind: 'same' | 'nowhere' }
  | { kind: 'refused'; reason: string };

/** The description of a node in Ironic, as a task. @throws IronicError that names the field and its value */
export function taskOf({ node, ports, portgroups }: NodeInIronic): Task {
  const task = readTask({ node: { ...node, network_data: null }, ports, portgroups });
  return { ...task, node: { ...task.node, network_provider: null } };
}

/** Ids of the Neutron ports that a plan has to know. */
export function neutronPortsOf(task: Task, stored: NodeWithTask | null): string[] {
  const recorded = (stored?.bindings ?? []).map((binding) => binding.neutron_port_id);
  return [...new Set([...notesOf(task).map(({ id }) => id), ...recorded])];
}

/**
 * Decides what becomes of the record of one node.
 *
 * While Ironic's interface is another one than netprov, that interface moves the node, and Ironic's notes are what
 * counts. Once it is netprov, what is on record counts: Ironic's notes then only fill a record without bindings.
 *
 * @param ports Neutron's ports by id: those of neutronPortsOf
 * @param stored the node on record; null: it is not on record
 */
export function planOf(
  inIronic: NodeInIronic,
  ports: ReadonlyMap<string, NeutronPort>,
  stored: NodeWithTask | null,
  rules: AdoptionRules,
): Verdict {
  const ours = inIronic.node.network_interface === OURS;
  const recorded = stored?.bindings ?? [];
  if (ours && recorded.length > 0) return { kind: 'same' };
  try {
    const task = taskOf(inIronic);
    const noted = notesOf(task).length > 0;
    if (!noted && recorded.length === 0) return { kind: 'nowhere' };
    const { bindings, warnings, problems } = bindingsOf(task, ports, inIronic.node.network_interface !== 'flat');
    const [problem] = problems;
    if (problem !== undefined) return { kind: 'refused', reason: problem };
    const kept = standing(recorded, bindings, ports, task);
    const provider = providerOf(inIronic.node.network_interface, { kept, noted, stored }, rules);
    const adoption = { task: described(task, provider, stored), provider, bindings: merged(kept, bindings) };
    return isSame(adoption, stored, rules) ? { kind: 'same' } : { kind: 'adopt', adoption, warnings };
  } catch (error) {
    if (!isIronicError(error)) throw error;
    return { kind: 'refused', reason: error.message };
  }
}

/** The bindings on record that stand: Ironic notes their Neutron ports, or Neutron has them on the node. */
function standing(
  recorded: readonly StoredBinding[],
  noted: readonly RecordedBinding[],
  ports: ReadonlyMap<string, NeutronPort>,
  task: Task,
): StoredBinding[] {
  return recorded.filter((binding) => {
    const port = ports.get(binding.neutron_port_id);
    return noted.some((other) => isSameBinding(other, binding)) || (port !== undefined && isOn(port, task));
  });
}

/** The bindings on record as they are there, and those that are missing there. */
function merged(kept: readonly StoredBinding[], noted: readonly RecordedBinding[]): RecordedBinding[] {
  const others = noted.filter((binding) => !kept.some((other) => isSameBinding(other, binding)));
  return [...kept, ...others];
}

function isSameBinding(one: RecordedBinding, other: RecordedBinding): boolean {
  return one.network_type === other.network_type && one.neutron_port_id === other.neutron_port_id;
}

/** @throws InvalidParameterValue when no provider fits */
function providerOf(
  networkInterface: string | null,
  { kept, noted, stored }: { kept: readonly StoredBinding[]; noted: boolean; stored: NodeWithTask | null },
  { provider: given, known }: AdoptionRules,
): string {
  const made = kept[0]?.network_provider ?? null;
  if (made !== null && given !== null && made !== given) {
    throw new InvalidParameterValue(
      `its bindings on record were made by network provider ${made}, which alone can remove them: leave out ` +
        `--network-provider ${given}, or give ${made}`,
    );
  }
  const named = made ?? given;
  if (named !== null) return named;
  if (networkInterface === OURS) return stored?.networkProvider ?? DEFAULT_OF_OURS;
  const fitting = providerNamed(networkInterface ?? '');
  if (fitting === 'none' && noted) {
    throw new InvalidParameterValue(
      `its network_interface ${String(networkInterface)} puts nodes on no network, but Ironic notes Neutron ports of ` +
        'another interface: give --network-provider with the provider that is to remove them, such as neutron',
    );
  }
  if (known.includes(fitting)) return fitting;
  throw new InvalidParameterValue(
    `${unknownProvider('its network_interface', String(networkInterface), known)}: give --network-provider`,
  );
}

/** The task with what Ironic's API does not tell, but an earlier task did. */
function described(task: Task, provider: string, stored: NodeWithTask | null): Task {
  const before = stored?.task.node ?? null;
  const boots = before !== null && before.boot_interface === task.node.boot_interface ? before.pxe_boot : null;
  const node = {
    ...task.node,
    network_provider: provider,
    pxe_boot: boots,
    network_data: before?.network_data ?? {},
  };
  return { ...task, node };
}

function isSame({ task, provider, bindings }: Adoption, stored: NodeWithTask | null, rules: AdoptionRules): boolean {
  if (stored === null) return false;
  return (
    (stored.networkProvider ?? rules.defaultProvider) === provider &&
    stored.bindings.length === bindings.length &&
    bindings.every((binding) => stored.bindings.some((other) => isSameBinding(other, binding))) &&
    isDeepStrictEqual(vifsOf(task), vifsOf(withNotedVifs(stored.task, stored.vifs)))
  );
}

function vifsOf(task: Task): Vif[] {
  return attachedVifs(task).sort((one, other) => (one.id < other.id ? -1 : 1));
}
