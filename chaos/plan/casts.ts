import type { Random } from '../random.js';
import { PLUGIN } from './answers.js';
import type { PlannedCast, PlannedNode } from './types.js';
import { type Walk, walkOf } from './walks.js';

/** Part of the casts that use Neutron. With more, a small machine's Neutron would only build up a queue. */
const NEUTRON_PART = 0.03;
/** Part of the casts that use the plug-in. */
const PLUGIN_PART = 0.04;
/** Casts for each node, unless that would make too many or too few nodes. */
const CASTS_PER_NODE: Record<Walk, number> = { neutron: 10, none: 25, plugin: 20, deadly: 3 };
/** One of this many nodes has a conductor that casts with Python's oslo.messaging. */
const NODES_PER_PYTHON = 4;
/** Part of amqplib's casts that are sent twice, and part of them after which an older one is sent again. */
const DUPLICATES = 0.02;
const REPLAYS = 0.02;

export interface Size {
  /** Milliseconds in which the casts are sent. */
  duration: number;
  casts: number;
  /** Number of casts that are poison messages. */
  poison: number;
  hosts: readonly string[];
}

/** Nodes of one kind, and the number of casts for all of them together. */
interface Part {
  walk: Walk;
  provider: PlannedNode['provider'];
  casts: number;
  least: number;
  most: number;
}

/** Draws the nodes and their casts. */
export function drawCasts(
  { duration, casts, poison, hosts }: Size,
  random: Random,
): { nodes: PlannedNode[]; casts: PlannedCast[] } {
  const byNeutron = Math.max(1, Math.round(casts * NEUTRON_PART));
  const byPlugin = Math.round(casts * PLUGIN_PART);
  const byDeadly = poison * CASTS_PER_NODE.deadly;
  const byNone = casts - byNeutron - byPlugin;
  const parts: Part[] = [
    { walk: 'neutron', provider: 'neutron', casts: byNeutron, least: 2, most: 48 },
    { walk: 'none', provider: 'none', casts: byNone, least: 1, most: 400 },
    { walk: 'plugin', provider: PLUGIN, casts: byPlugin, least: 1, most: 48 },
    { walk: 'deadly', provider: PLUGIN, casts: byDeadly, least: 0, most: poison },
  ];
  const nodes: PlannedNode[] = [];
  const planned: PlannedCast[] = [];
  for (const part of parts) {
    const count = clamp(part.casts / CASTS_PER_NODE[part.walk], part.least, part.most);
    const own = Array.from({ length: count }, (_, index) => drawNode(part, index, hosts, random));
    nodes.push(...own);
    planned.push(...drawCastsOf(part, own, duration, random));
  }
  planned.sort((one, other) => one.at - other.at);
  return { nodes, casts: planned };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.ceil(value)));
}

function drawNode({ walk, provider }: Part, index: number, hosts: readonly string[], random: Random): PlannedNode {
  return {
    uuid: random.uuid(),
    name: `chaos-${walk}-${index}`,
    host: random.pick(hosts),
    client: index % NODES_PER_PYTHON === 1 ? 'python' : 'amqplib',
    provider,
    nics: Array.from({ length: random.int(1, 2) }, () => ({ uuid: random.uuid(), address: random.mac() })),
  };
}

/** Gives each node the same number of casts, and some nodes one more, at random times in the whole duration. */
function drawCastsOf({ walk, casts }: Part, nodes: PlannedNode[], duration: number, random: Random): PlannedCast[] {
  // A poison message takes long, so it is sent early.
  const last = walk === 'deadly' ? duration / 2 : duration;
  return nodes.flatMap((node, index) => {
    const count = Math.floor(casts / nodes.length) + (index < casts % nodes.length ? 1 : 0);
    const moments = Array.from({ length: count }, () => random.int(0, last)).sort((one, other) => one - other);
    const steps = walkOf(walk, node, random);
    return moments.map((at, seq): PlannedCast => {
      // Python's client sends each message once; further copies come only from its own repeats.
      const twice = node.client === 'amqplib';
      return {
        requestId: `req-${random.uuid()}`,
        node: node.uuid,
        seq,
        at,
        ...steps.next().value,
        copies: twice && random.chance(DUPLICATES) ? 2 : 1,
        replay: twice && seq > 0 && random.chance(REPLAYS) ? random.int(0, seq - 1) : null,
      };
    });
  });
}
