import { setTimeout as sleep } from 'node:timers/promises';

import type { Fate, ProxiedRequest } from '../../testkit/proxies/http-proxy.js';
import { NEUTRON_TIMEOUT } from '../place/place.js';
import type { Random } from '../random.js';
import type { Fault } from './fault.js';

type Proxied = 'rabbitmq' | 'database';

/** All connections are dropped; new ones are accepted. */
export function cut(server: Proxied): Fault {
  return ({ member }) => {
    member[server].cut();
    return () => undefined;
  };
}

/** Nothing passes, in neither direction, and no connection is closed. Afterwards all passes that was sent meanwhile. */
export function partition(server: Proxied): Fault {
  return ({ member }) => {
    member[server].hang();
    return () => {
      member[server].resume();
    };
  };
}

const changes = ({ method }: ProxiedRequest): boolean => method !== 'GET';

/** A fault that decides for a time what happens to each request of a worker to Neutron. */
function neutronFault(fateOf: (request: ProxiedRequest, random: Random) => Fate | Promise<Fate>): Fault {
  return ({ member, random }) => member.neutronFaults.add((request) => fateOf(request, random));
}

/** Part of the requests that a fault meets which does not meet all. */
const OFTEN = 0.6;

/** Errors of Neutron that pass by themselves, with what Neutron says of each. Source: neutron_lib/exceptions. */
const CONFLICT = 'RevisionNumberConstraintFailed';

export function refuse(status: 500 | 503 | 429): Fault {
  return neutronFault((_request, random) => (random.chance(OFTEN) ? { status, body: problem('Chaos') } : 'pass'));
}

/** Two requests wanted the same row at the same time. */
export const conflict: Fault = neutronFault((request, random) =>
  changes(request) && random.chance(OFTEN) ? { status: 409, body: problem(CONFLICT) } : 'pass',
);

function problem(type: string): object {
  return { NeutronError: { type, message: 'made by script/chaos', detail: '' } };
}

/** Neutron never sees them. */
export const hang: Fault = neutronFault(() => 'hang before');

/** Neutron sees a change only when the worker has given it up, and does it then. */
export const late: Fault = neutronFault(async (request, random): Promise<Fate> => {
  if (!changes(request) || !random.chance(OFTEN)) return 'pass';
  await sleep(NEUTRON_TIMEOUT * 1000 + random.int(100, 1500));
  return 'pass';
});

/** Neutron does it, and the answer gets lost while the connection stays open. */
export const leaveUnanswered: Fault = neutronFault((request, random) =>
  changes(request) && random.chance(OFTEN) ? 'hang after' : 'pass',
);

/** Neutron does it, and the connection is closed before the answer. */
export const closeAfterwards: Fault = neutronFault((_request, random) => (random.chance(OFTEN) ? 'cut after' : 'pass'));

/** Neutron answers every worker so when a request is about the ports of one node. Those of other nodes go on. */
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
