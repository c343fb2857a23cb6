import { pause } from '../../src/async/pause.js';
import type { Fate, ProxiedRequest } from '../../testkit/proxies/http-proxy.js';
import { NEUTRON_CHANGE_TIMEOUT } from '../place/place.js';
import type { Random } from '../random.js';
import type { Fault } from './fault.js';

type Proxied = 'rabbitmq' | 'database';

/** Drops all connections; new ones are accepted. */
export function cut(server: Proxied): Fault {
  return ({ member }) => {
    member[server].cut();
    return () => undefined;
  };
}

/** Stops all traffic in both directions without closing a connection. At the end, everything sent meanwhile passes. */
export function partition(server: Proxied): Fault {
  return ({ member }) => {
    member[server].hang();
    return () => {
      member[server].resume();
    };
  };
}

const changes = ({ method }: ProxiedRequest): boolean => method !== 'GET';

/** A fault that decides, for a time, about each request of a worker to Neutron. */
function neutronFault(fateOf: (request: ProxiedRequest, random: Random) => Fate | Promise<Fate>): Fault {
  return ({ member, random }) => member.neutronFaults.add((request) => fateOf(request, random));
}

/** Probability that a request is affected, for faults that do not affect all requests. */
const OFTEN = 0.6;

/** Type of a temporary error of Neutron. Source: neutron_lib/exceptions. */
const CONFLICT = 'RevisionNumberConstraintFailed';

export function refuse(status: 500 | 503 | 429): Fault {
  return neutronFault((_request, random) => (random.chance(OFTEN) ? { status, body: problem('Chaos') } : 'pass'));
}

/** Neutron answers as if two requests had wanted the same row at the same time. */
export const conflict: Fault = neutronFault((request, random) =>
  changes(request) && random.chance(OFTEN) ? { status: 409, body: problem(CONFLICT) } : 'pass',
);

function problem(type: string): object {
  return { NeutronError: { type, message: 'made by script/chaos', detail: '' } };
}

/** Neutron never gets the requests. */
export const hang: Fault = neutronFault(() => 'hang before');

/** Neutron gets a change only after the worker has given up waiting, and does it then. */
export const late: Fault = neutronFault(async (request, random): Promise<Fate> => {
  if (!changes(request) || !random.chance(OFTEN)) return 'pass';
  await pause(NEUTRON_CHANGE_TIMEOUT * 1000 + random.int(100, 1500));
  return 'pass';
});

/** Neutron does the change, and its answer is lost while the connection stays open. */
export const leaveUnanswered: Fault = neutronFault((request, random) =>
  changes(request) && random.chance(OFTEN) ? 'hang after' : 'pass',
);

/** Neutron does the request, and the connection is closed before the answer. */
export const closeAfterwards: Fault = neutronFault((_request, random) => (random.chance(OFTEN) ? 'cut after' : 'pass'));

/** For every worker, Neutron fails requests about the ports of one node. Requests about other nodes pass. */
export const breakSwitch: Fault = ({ place, node }) => {
  if (node === null) throw new Error('a switch breaks for a node, and this fault has none');
  const vifs = node.nics.flatMap(({ uuid }) => place.vifs.get(uuid) ?? []);
  const names = [node.uuid, ...node.nics.map(({ address }) => address), ...vifs];
  const concerns = ({ path, body }: ProxiedRequest): boolean =>
    names.some((name) => decodeURIComponent(path).includes(name) || body.includes(name));
  const fateOf = (request: ProxiedRequest): Fate =>
    concerns(request) ? { status: 500, body: problem('Chaos') } : 'pass';
  const ends = place.members.map(({ neutronFaults }) => neutronFaults.add(fateOf));
  return () => {
    for (const end of ends) end();
  };
};
