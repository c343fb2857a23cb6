import type { PortBinding } from '../contract/types.js';
import type { ProviderOutcome } from '../providers/provider.js';

/** Longest text of each field of a binding that the database takes, in characters. */
const LONGEST = {
  neutron_port_id: 36,
  network_id: 36,
  host_id: 255,
  vnic_type: 64,
  vif_type: 64,
  status: 16,
  mac_address: 32,
} as const satisfies Partial<Record<keyof PortBinding, number>>;

/**
 * Sees to it that what a provider says can be put on record: a plug-in may say anything, and its caller is to hear of
 * that, and not to wait for an answer that cannot be committed.
 *
 * @throws TypeError that names the field and the value
 */
export function assertOutcome(outcome: unknown): asserts outcome is Partial<ProviderOutcome> {
  if (typeof outcome !== 'object' || outcome === null) throw wrong('the outcome', outcome, 'an object');
  const { bindings, standing, failures, warnings, vifs, findings } = outcome as Partial<ProviderOutcome>;
  for (const [name, list] of Object.entries({ bindings, standing, failures, warnings, vifs, findings })) {
    if (list !== undefined && !Array.isArray(list)) throw wrong(name, list, 'a list');
    for (const [index, item] of (list ?? []).entries()) assertItem(item, `${name}[${index}]`);
  }
  for (const [index, binding] of (bindings ?? []).entries()) assertBinding(binding, `bindings[${index}]`);
  for (const [index, binding] of (standing ?? []).entries()) assertBinding(binding, `standing[${index}]`);
  for (const [index, vif] of (vifs ?? []).entries()) assertText(vif.id, `vifs[${index}].id`, 36);
}

/** Of a binding, failure, warning or VIF: whose it is. */
function assertItem(item: unknown, path: string): void {
  if (typeof item !== 'object' || item === null) throw wrong(path, item, 'an object');
  const { port_uuid, portgroup_uuid } = item as Partial<PortBinding>;
  for (const [name, value] of Object.entries({ port_uuid, portgroup_uuid })) {
    if (value !== null && value !== undefined) assertText(value, `${path}.${name}`, 36);
  }
}

function assertBinding(binding: PortBinding, path: string): void {
  for (const [name, longest] of Object.entries(LONGEST)) {
    assertText(binding[name as keyof typeof LONGEST], `${path}.${name}`, longest);
  }
  if (!Array.isArray(binding.fixed_ips)) throw wrong(`${path}.fixed_ips`, binding.fixed_ips, 'a list');
  if (typeof binding.profile !== 'object') throw wrong(`${path}.profile`, binding.profile, 'an object');
}

function assertText(value: unknown, path: string, longest: number): void {
  if (typeof value === 'string' && value.length <= longest) return;
  throw wrong(path, value, `a text of at most ${longest} characters`);
}

function wrong(path: string, value: unknown, expected: string): TypeError {
  const shown = typeof value === 'string' ? `"${value.slice(0, 60)}"` : value === null ? 'null' : typeof value;
  return new TypeError(`what the method answered with cannot be used: ${path} must be ${expected}, not ${shown}`);
}
