import type { BindingRecord } from '../state/index.js';
import { nicOf, table } from './output.js';
import { time } from './time.js';

/** Bindings that stand, one a row. */
export function bindingRecordTable(bindings: readonly BindingRecord[]): string {
  if (bindings.length === 0) return 'no binding';
  const head = ['Node', 'Type', 'NIC', 'Neutron port', 'Network', 'Status', 'MAC address', 'Addresses', 'Since'];
  const rows = bindings.map((binding) => [
    binding.node_name ?? binding.node_uuid,
    binding.network_type,
    nicOf(binding),
    binding.neutron_port_id,
    binding.network_id,
    binding.status,
    binding.mac_address,
    binding.fixed_ips.map(({ ip_address }) => ip_address).join(' '),
    time(binding.bound_at),
  ]);
  return table(head, rows);
}
