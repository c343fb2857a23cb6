import { errorText } from '../../async/error-text.js';
import type { RequestFault } from '../../errors.js';
import { switchingDrivers } from '../../neutron/mechanism-drivers.js';
import { PERMISSIONS_REMEDY } from '../../neutron/permissions.js';
import type { OpenStackError } from '../../openstack/errors.js';
import { type DoctorRule } from '../finding.js';

export const NO_ENDPOINT_RULES: readonly DoctorRule<null>[] = [
  {
    check: 'endpoint',
    status: 'ok',
    what: 'Neutron is not configured (neutron.auth_type none, no neutron.endpoint_override)',
  },
];

const REMEDIES: Readonly<Record<RequestFault, string>> = {
  unreachable: 'start Neutron, or correct neutron.endpoint_override, neutron.auth_url and neutron.cafile',
  timeout: "check the load of Neutron's server and of its database",
  refused: "the message is Neutron's; read Neutron's log for more",
  auth: 'correct the credentials in section neutron: use a service user with the roles admin and service',
  invalid: "correct neutron.endpoint_override, or the endpoint in Keystone's catalog",
  unusable: 'check that Neutron listens at this URL, and that the credentials have the admin role',
};

/** The first request: why it failed; null: it did not. */
export const NEUTRON_CONNECTION_RULES: readonly DoctorRule<OpenStackError | null>[] = [
  {
    check: 'connection',
    status: 'ok',
    when: (error) => error === null,
    what: 'Neutron answers and accepts the credentials',
  },
  {
    check: 'connection',
    status: 'problem',
    what: errorText,
    remedy: (error) => (error === null ? '' : REMEDIES[error.fault]),
  },
];

/** Why a later request failed. */
export const ANSWER_RULES: readonly DoctorRule<OpenStackError>[] = [
  { check: 'answers', status: 'problem', what: errorText, remedy: ({ fault }) => REMEDIES[fault] },
];

interface Extension {
  alias: string;
  /** Whether nothing works without it. */
  needed: boolean;
  use: string;
}

/** Extensions of Neutron that are used, and for what. The aliases are those of Neutron's API. */
const EXTENSIONS: readonly Extension[] = [
  { alias: 'binding', needed: true, use: 'netprov needs it to bind ports to nodes' },
  { alias: 'agent', needed: false, use: 'netprov needs it to wait for smart NICs' },
  { alias: 'provider', needed: false, use: 'netprov needs it to match NICs by physical network' },
  { alias: 'segment', needed: false, use: 'netprov needs it for routed networks' },
  { alias: 'extra_dhcp_opt', needed: false, use: 'netprov needs it to pass boot options by DHCP' },
  { alias: 'security-group', needed: false, use: 'the options *_network_security_groups need it' },
];

/** Which extensions Neutron has, by their aliases. */
export const EXTENSION_RULES: readonly DoctorRule<readonly string[]>[] = [
  ...EXTENSIONS.map(({ alias, needed, use }): DoctorRule<readonly string[]> => {
    return {
      check: 'extensions',
      status: needed ? 'problem' : 'warning',
      when: (aliases) => !aliases.includes(alias),
      what: `Neutron has no extension ${alias}: ${use}`,
      remedy: needed
        ? 'use the core plug-in ml2 with a mechanism driver that binds bare-metal ports'
        : 'load the extension if you need this: service_plugins, extension_drivers',
    };
  }),
  {
    check: 'extensions',
    status: 'ok',
    when: (aliases) => EXTENSIONS.every(({ alias }) => aliases.includes(alias)),
    what: 'Neutron has all extensions that netprov uses',
  },
];

interface NetworkFacts {
  /** The option and its value. */
  option: string;
  value: string;
  /** The networks of this name or id. */
  ids: readonly string[];
}

/** A network of the configuration. */
export const NETWORK_RULES: readonly DoctorRule<NetworkFacts>[] = [
  {
    check: 'networks',
    status: 'problem',
    when: ({ ids }) => ids.length === 0,
    what: ({ option, value }) => `${option} is "${value}", but Neutron shows no such network`,
    remedy: ({ option }) =>
      `create the network, correct ${option}, or give the credentials the admin role so that they can see it`,
  },
  {
    check: 'networks',
    status: 'problem',
    when: ({ ids }) => ids.length > 1,
    what: ({ option, value, ids }) => `${option} is "${value}", but several networks have this name: ${ids.join(', ')}`,
    remedy: ({ option }) => `set ${option} to the id of one of them`,
  },
  {
    check: 'networks',
    status: 'ok',
    what: ({ option, value }) => `${option} is "${value}", and the network exists`,
  },
];

interface SecurityGroupFacts {
  option: string;
  /** The groups that Neutron does not show. */
  missing: readonly string[];
}

export const SECURITY_GROUP_RULES: readonly DoctorRule<SecurityGroupFacts>[] = [
  {
    check: 'security_groups',
    status: 'problem',
    when: ({ missing }) => missing.length > 0,
    what: ({ option, missing }) => `${option} names ${missing.join(', ')}, which Neutron does not show`,
    remedy: ({ option }) => `create them, or correct ${option}`,
  },
];

/** The permissions that the credentials lack. */
export const PERMISSION_RULES: readonly DoctorRule<readonly string[]>[] = [
  {
    check: 'permissions',
    status: 'ok',
    when: (missing) => missing.length === 0,
    what: 'the credentials may create bare-metal ports',
  },
  {
    check: 'permissions',
    status: 'problem',
    what: (missing) => `the credentials lack permissions: ${missing.join(', ')}`,
    remedy: PERMISSIONS_REMEDY,
  },
];

/** Type of the agents that networking-baremetal's driver needs to bind ports. Source: its ironic-neutron-agent. */
export const AGENT_TYPE = 'Baremetal Node';

interface AgentFacts {
  /** How many nodes were checked. */
  nodes: number;
  /** Nodes whose agent is not alive, and nodes without an agent. */
  dead: readonly string[];
  none: readonly string[];
}

/** The agents of the nodes. networking-baremetal's ML2 driver needs one of each node to bind its ports. */
export const AGENT_RULES: readonly DoctorRule<AgentFacts>[] = [
  {
    check: 'agents',
    status: 'ok',
    when: ({ nodes }) => nodes === 0,
    what: 'agents were not checked: no node is on record',
  },
  {
    check: 'agents',
    status: 'warning',
    when: ({ dead }) => dead.length > 0,
    what: ({ dead }) =>
      `the agents of ${some(dead)} are not alive: networking-baremetal's driver cannot bind their ports`,
    remedy: "start ironic-neutron-agent, and check that it reaches Ironic and Neutron's RabbitMQ",
  },
  {
    check: 'agents',
    status: 'warning',
    when: ({ none }) => none.length > 0,
    what: ({ none }) =>
      `Neutron has no agent of type ${AGENT_TYPE} for ${some(none)}: networking-baremetal's driver cannot bind their ports`,
    remedy:
      'start ironic-neutron-agent; nothing to do if another ML2 driver binds the ports, such as networking-generic-switch',
  },
  {
    check: 'agents',
    status: 'ok',
    when: ({ nodes, dead, none }) => nodes > 0 && dead.length + none.length === 0,
    what: ({ nodes }) => `every node on record (${nodes}) has a living agent of type ${AGENT_TYPE}`,
  },
];

interface RemovalFacts {
  /** The mechanism drivers that have bound ports of nodes on record. */
  drivers: readonly string[];
  /** The option quarantine_network. */
  quarantine: string | null;
}

const switching = ({ drivers }: RemovalFacts): string[] => switchingDrivers(drivers);

/** Whether it is proven that a NIC has left a network. Each removal that is not has a warning in its result, too. */
export const REMOVAL_RULES: readonly DoctorRule<RemovalFacts>[] = [
  {
    check: 'removals',
    status: 'ok',
    when: ({ quarantine }) => quarantine !== null,
    what: 'a NIC is put on the quarantine network before it is taken off another: it has left that one if the operation succeeds',
  },
  {
    check: 'removals',
    status: 'warning',
    when: (facts) => switching(facts).length > 0,
    what: (facts) =>
      `Neutron's mechanism driver ${switching(facts).join(', ')} configures switches, and Neutron does not say if it could not unplug a NIC: the NIC then stays on its old network, although the operation succeeded`,
    remedy: 'set quarantine_network to a network on which nobody is',
  },
];

function some(nodes: readonly string[]): string {
  const named = nodes.slice(0, 3).join(', ');
  return nodes.length === 1 ? `node ${named}` : `${nodes.length} nodes (${named}${nodes.length > 3 ? ', ...' : ''})`;
}
