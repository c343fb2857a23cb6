import { z } from 'zod';

import { isTakenByIronic, providerNamed } from '../../contract/network-interface.js';
import { option } from '../option.js';
import { list, oneOf, string } from '../value-types.js';

const network = () => string('the name or UUID of a network, or null').nullable();

const securityGroups = () => {
  const error = 'UUIDs of security groups';
  return list(z.guid({ error }), error, 0);
};

/** The name of a provider, which appears in database rows, messages and command lines. */
const providerName = z
  .string({ error: 'the name of a provider' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'the name of a provider: letters, digits, _ . -' });
const pluginName = providerName.refine((name) => !isTakenByIronic(name), {
  error: 'another name: Ironic uses this name for a built-in provider',
});

/** Which provider serves a node, and on which networks. */
export const networkOptions = {
  default_network_provider: option(
    providerName.transform(providerNamed),
    'none',
    `The provider for nodes whose network_provider is null: none, flat, neutron, or the name of a plug-in. Ironic's
     name noop is accepted for none. [DEFAULT]`,
  ),
  providers: option(
    z.record(pluginName, string('the name of an npm package, or the path of a file'), {
      error: 'provider names, each with an npm package or file',
    }),
    {},
    `Plug-ins: the name of each provider, and the npm package or file that implements it. The path of a file begins
     with / or a dot. A path with a dot is relative to the directory in which netprov starts. In the environment, use
     YAML: NETPROV_PROVIDERS='{acme: "@acme/netprov-provider"}'.`,
  ),
  default_boot_option: option(
    oneOf(['local', 'netboot', 'ramdisk', 'kickstart']),
    'local',
    `The boot option of nodes whose instance_info has none (boot_option, in capabilities or beside it): local,
     netboot, ramdisk or kickstart. A node that does not boot locally must reach its conductor. Therefore the neutron
     provider puts such a node on no other tenant network than the provisioning network. [deploy]`,
  ),
  provisioning_network: option(
    network(),
    null,
    `Name or UUID of the network for each step: deployment, cleaning, rescue, inspection and service. A node's
     driver_info can name another network. null: only nodes whose driver_info names a network can use this step. Only
     the neutron and flat providers use these options; flat ignores those for provisioning, rescuing and servicing.
     [neutron]`,
  ),
  cleaning_network: option(network(), null),
  rescuing_network: option(network(), null),
  inspection_network: option(network(), null),
  servicing_network: option(network(), null),
  quarantine_network: option(
    network(),
    null,
    `Name or UUID of a network on which nobody else is. Before a NIC is taken off a network, its switch port is put on
     this one. So the NIC has left its old network even if the switch cannot be reached afterwards: Neutron reports a
     failed plug, but not a failed unplug. This takes the time of one more change of the switch for each move. null:
     NICs are taken off at once. Only the neutron provider uses this option. It is not an option of Ironic.`,
  ),
  provisioning_network_security_groups: option(
    securityGroups(),
    [],
    `UUIDs of the security groups for the ports on these networks. Empty: Neutron's default group. In the environment,
     separate them with commas. Only the neutron provider uses these options. [neutron]`,
  ),
  cleaning_network_security_groups: option(securityGroups(), []),
  rescuing_network_security_groups: option(securityGroups(), []),
  inspection_network_security_groups: option(securityGroups(), []),
  servicing_network_security_groups: option(securityGroups(), []),
};
