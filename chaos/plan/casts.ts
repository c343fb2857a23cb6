import type { Random } from '../random.js';
import { PLUGIN } from './answers.js';
import type { PlannedCast, PlannedNode } from './types.js';
import { walkOf } from './walks.js';

/** Part of the casts that Neutron has work with. More than a small machine's Neutron can do would only wait. */
const NEUTRON_PART = 0.03;
/** The same of the plug-in. */
const PLUGIN_PART = 0.04;
/** One of so many nodes has a conductor that casts with Python's oslo.messaging. */
const NODES_PER_PYTHON = 4;
/** Part of amqplib's casts that are sent twice, and of those behind which an older one is sent once more. */
const DUPLICATES = 0.02;
const REPLAYS = 0.02;

export interface Size {
  /** Milliseconds within which the casts are sent. */
  duration: number;
  casts: number;
  hosts: readonly string[];
}

/** Draws the nodes and their casts. */
export function drawCasts(
  { duration, casts, hosts }: Size,
  random: Random,
): { nodes: PlannedNode[]; casts: PlannedCast[] } {
  const byNeutron = Math.max(1, Math.round(casts * NEUTRON_PART));
  const byPlugin = Math.round(casts * PLUGIN_PART);
  const byNone = casts - byNeutron - byPlugin;
  const parts = [
    { provider: 'neutron' as const, casts: byNeutron, nodes: clamp(byNeutron / 10, 2, 48) },
    { provider: 'none' as const, casts: byNone, nodes: clamp(byNone / 25, 1, 400) },
    { provider: PLUGIN, casts: byPlugin, nodes: clamp(byPlugin / 20, 1, 48) },
  ] as const;
  const nodes: PlannedNode[] = [];
  const planned: PlannedCast[] = [];
  for (const part of parts) {
    const own = Array.from({ length: part.nodes }, (_, index) => drawNode(part.provider, index, hosts, random));
    nodes.push(...own);
    planned.push(...drawCastsOf(own, part.casts, duration, random));
  }
  planned.sort((one, other) => one.at - other.at);
  return { nodes, casts: planned };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.ceil(value)));
}

function drawNode(
  provider: PlannedNode['provider'],
  index: number,
  hosts: readonly string[],
  random: Random,
): PlannedNode {
  return {
    uuid: random.uuid(),
    name: `chaos-${provider}-${index}`,
    host: random.pick(hosts),
    client: index % NODES_PER_PYTHON === 1 ? 'python' : 'amqplib',
    provider,
    nics: Array.from({ length: random.int(1, 2) }, () => ({ uuid: random.uuid(), address: random.mac() })),
  };
}

/** The same number of casts for each node, one more for some, at moments drawn from the whole duration. */
function drawCastsOf(nodes: PlannedNode[], casts: number, duration: number, random: Random): PlannedCast[] {
  return nodes.flatMap((node, index) => {
    const count = Math.floor(casts / nodes.length) + (index < casts % nodes.length ? 1 : 0);
    const moments = Array.from({ length: count }, () => random.int(0, duration)).sort((one, other) => one - other);
    const walk = walkOf(node, random);
    return moments.map((at, seq): PlannedCast => {
      // Python's client sends each message once; what comes twice from it comes from its own repeats.
      const twice = node.client === 'amqplib';
      return {
        requestId: `req-${random.uuid()}`,
        node: node.uuid,
        seq,
        at,
        ...walk.next().value,
        copies: twice && random.chance(DUPLICATES) ? 2 : 1,
        replay: twice && seq > 0 && random.chance(REPLAYS) ? random.int(0, seq - 1) : null,
      };
    });
  });
}
