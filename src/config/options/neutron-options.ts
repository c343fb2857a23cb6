import { option, section } from '../option.js';
import { duration, integer, oneOf, trueOrFalse } from '../value-types.js';
import { AUTH_TYPES, credentialOptions, endpointOptions } from './keystone-options.js';

export const neutronSection = section(
  "The connection to Neutron. Names are those of keystoneauth, as in Ironic's group [neutron].",
  {
    auth_type: option(
      oneOf(['none', ...AUTH_TYPES]),
      'none',
      `none: Neutron without Keystone, at endpoint_override. password and v3applicationcredential: Keystone v3. The
       user needs the roles admin and service in its project: in Neutron 26 (2025.1) and later, only the role service
       may set the binding:profile of a port.`,
    ),
    ...credentialOptions,
    ...endpointOptions('Neutron', 'NETPROV_NEUTRON_ENDPOINT'),
    timeout: option(
      duration(0.1, 3600),
      30,
      `Time limit in seconds for each stage of a request: opening a connection, waiting for the start of the answer, and
       each pause within the answer.`,
    ),
    change_timeout: option(
      duration(0.1, 3600),
      120,
      `Time limit in seconds for the answer to a request that changes something (POST, PUT, DELETE), if it is longer
       than timeout. Neutron goes on with a change whose answer nobody waits for. If the worker repeated the change
       meanwhile, the two would disturb each other, and an overloaded Neutron would only get more to do.`,
    ),
    max_connections: option(
      integer(1, 1024),
      32,
      `Maximum number of open connections to one server. Further requests wait until a connection is free, without a time limit. While
       Neutron is overloaded (a read was not answered within the timeout), a worker sends fewer requests at once:
       first one, then more with each quick answer.`,
    ),
    binding_timeout: option(
      duration(0.1, 3600),
      60,
      'Seconds within which all ports of an operation must become ACTIVE in Neutron.',
    ),
    poll_interval_min: option(
      duration(0.05, 3600),
      0.05,
      'Pause between two polls of these ports, in seconds: the first pause, and the longest.',
    ),
    poll_interval_max: option(duration(0.05, 3600), 2),
    event_poll_interval: option(
      duration(0.05, 3600),
      5,
      `Pause between two polls, in seconds, while Neutron's events arrive (POST /v1/events of netprov api). This pause
       applies after the first poll, from the first event that arrived until an event was missed. An event ends the
       pause early.`,
    ),
    add_all_ports: option(
      trueOrFalse(),
      false,
      `Whether all NICs of a node get a port on management networks. A NIC that does not boot from the network gets a
       port without an address. All NICs of a node whose boot interface does not use PXE always get ports.`,
    ),
    one_port_per_portgroup: option(
      trueOrFalse(),
      false,
      `How a portgroup is attached to a management network. one_port_per_portgroup in a node's driver_info overrides
       this option.
       - false: each NIC of the portgroup that boots from the network gets a port of its own, as in Ironic. Firmware
         and ramdisk ask for an address with the MAC address of a NIC and do not speak LACP, so the switch needs LACP
         fallback or a similar setting.
       - true: the portgroup gets one port, for nodes that boot with the portgroup's MAC address. The port has this
         address, or, if the portgroup has none, the lowest address among its NICs that boot from the network.`,
    ),
    dhcpv6_stateful_address_count: option(
      integer(1, 64, 'addresses'),
      4,
      `Number of addresses of a port on a management network with stateful DHCPv6. Firmware, boot loader and ramdisk
       each ask for an address of their own, with different identifiers.`,
    ),
    fail_on_port_binding_failure: option(
      trueOrFalse(),
      true,
      `Whether a port fails if Neutron cannot bind it. false: the result has a warning instead.
       fail_on_binding_failure in a node's driver_info overrides this option. The flat provider fails only if
       driver_info asks for it.`,
    ),
    max_changes_per_switch: option(
      integer(1, 1024),
      8,
      `Maximum number of simultaneous port changes on one switch (switch_id). max_connections limits the requests to
       Neutron as a whole.`,
    ),
  },
);
