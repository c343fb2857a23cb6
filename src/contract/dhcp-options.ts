import { InvalidParameterValue } from './errors.js';
import type { DhcpOption } from './types.js';

/** The longest value that a message quotes, in characters. */
const SHOWN = 60;

/**
 * The key by which Neutron's database identifies a DHCP option of a port: the IP version, and the name without regard
 * to case, accents and blanks at its end. If a request has two options with the same key, Neutron tries for a minute
 * and then answers with 500.
 *
 * Source: Neutron, db/extra_dhcp_opt/models.py, uniq_extradhcpopts0portid0optname0ipversion.
 */
export function dhcpOptionKey({ opt_name, ip_version }: { opt_name: string; ip_version?: number | null }): string {
  const name = opt_name.normalize('NFKD').replace(/\p{Mark}/gu, '');
  return `${ip_version ?? 4} ${name.toLowerCase().trimEnd()}`;
}

/**
 * Removes duplicate options.
 *
 * @throws InvalidParameterValue when an option is given twice with different values
 */
export function eachOnce(options: readonly DhcpOption[]): DhcpOption[] {
  const first = new Map<string, { option: DhcpOption; index: number }>();
  for (const [index, option] of options.entries()) {
    const key = dhcpOptionKey(option);
    const known = first.get(key);
    if (known === undefined) first.set(key, { option, index });
    else if (known.option.opt_value !== option.opt_value) {
      throw new InvalidParameterValue(
        `options[${index}] has DHCP option "${option.opt_name}" of IPv${option.ip_version ?? 4} with ${shown(option)}, ` +
          `and options[${known.index}] has it with ${shown(known.option)}: give each option once`,
      );
    }
  }
  return [...first.values()].map(({ option }) => option);
}

function shown({ opt_value: value }: DhcpOption): string {
  return value === null ? 'no value' : `the value "${value.slice(0, SHOWN)}"`;
}
