import { InvalidParameterValue } from '../../../contract/errors.js';
import type { Json, JsonObject, Node } from '../../../contract/types.js';
import { parseJson } from '../../../json.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { attachments, fetchVifs } from '../tenant/vifs.js';
import type { NeutronOperation } from './operation.js';

/**
 * Boot interfaces of Ironic that have the capability pxe_boot, for tasks that do not state it. Vendors' interfaces have
 * similar names, such as ilo-ipxe. All other interfaces provide the ramdisk as virtual media.
 * Source: Ironic, `capabilities` in drivers/modules.
 */
const PXE_BOOT = /(^|-)i?pxe$|^http(-ipxe)?$|^fake$/;

/** Whether the node's ramdisk comes from the network. If so, only NICs with pxe_enabled matter. */
export function bootsByPxe({ pxe_boot: capability, boot_interface: boot }: Node): boolean {
  return capability ?? (boot === null || PXE_BOOT.test(boot));
}

/**
 * Refuses to deploy a node with VIFs outside the provisioning network unless the node boots from its own disk. On
 * another network it could not reach its conductor, which every other way to boot needs.
 *
 * Source: the specification "Pluggable network providers", Proposed change.
 *
 * @param vifs the node's VIFs as Neutron has them; if not given, they are fetched when they are needed
 * @throws InvalidParameterValue that names the node's boot option and the VIF
 */
export async function refuseOtherThanLocalBoot(
  operation: NeutronOperation,
  vifs?: ReadonlyMap<string, NeutronPort>,
): Promise<void> {
  const { context, networks, options, request } = operation;
  const { node } = context.task;
  const option = bootOption(node) ?? options.default_boot_option;
  if (option === 'local') return;
  const wanted = attachments(context.task);
  const ports = vifs ?? (await fetchVifs(wanted, operation));
  const attached = wanted.flatMap(({ vif }) => ports.get(vif) ?? []);
  if (attached.length === 0) return;
  const provisioning = await networks.find('provisioning', context, request);
  const outside = attached.find((port) => port.network_id !== provisioning.id);
  if (outside === undefined) return;
  throw new InvalidParameterValue(
    `node ${node.uuid} has boot_option ${option}, but its VIF ${outside.id} is on network ${outside.network_id}, outside ` +
      `the provisioning network: there it can only boot locally; set instance_info.capabilities.boot_option to local`,
  );
}

/** The boot option in the node's instance_info; null if there is none. */
function bootOption({ uuid, instance_info: info }: Node): string | null {
  const option = capabilities(uuid, info['capabilities'])['boot_option'] ?? info['boot_option'] ?? null;
  if (option === null || typeof option === 'string') return option;
  throw new InvalidParameterValue(`boot_option in instance_info of node ${uuid} must be a string, such as local`);
}

/**
 * The capabilities in instance_info. Ironic accepts an object or its JSON text; flavors produce a text such as
 * boot_option:local,boot_mode:uefi.
 */
function capabilities(node: string, value: Json | undefined): JsonObject {
  if (value === undefined || value === null || value === '') return {};
  const read = typeof value === 'string' ? fromText(value) : value;
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
  throw new InvalidParameterValue(
    `instance_info.capabilities of node ${node} must be an object, such as {"boot_option": "local"}`,
  );
}

function fromText(text: string): Json {
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJson(text) as Json;
    } catch {
      return null;
    }
  }
  const pairs = text.split(',').map((pair) => /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(pair));
  return pairs.includes(null) ? null : Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}
