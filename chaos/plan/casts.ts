import type { Random } from '../random.js';
import { PLUGIN } from './answers.js';
import type { PlannedCast, PlannedNode } from './types.js';
import { walkOf, type Walk } from './walks.js';

/** Part of the casts that Neutron has work with. More than a small machine's Neutron can do would only wait. */
const NEUTRON_PART = 0.03;
/** The same of the plug-in. */
const PLUGIN_PART = 0.04;
/** Casts of each node, where there are not too many or too few nodes for that. */
const CASTS_PER_NODE: Record<Walk, number> = { neutron: 10, none: 25, plugin: 20, deadly: 3 };
/** One of so many nodes has a conductor that casts with Python's oslo.messaging. */
const NODES_PER_PYTHON = 4;
/** Part of amqplib's casts that are sent twice, and of those behind which an older one is sent once more. */
const DUPLICATES = 0.02;
const REPLAYS = 0.02;

export interface Size {
  /** Milliseconds within which the casts are sent. */
  duration: number;
  casts: number;
  /** How many of them are poison. */
  poison: number;
  hosts: readonly string[];
}

/** Nodes of one kind, and how many casts they have together. */
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

/** The same number of casts for each node, one more for some, at moments drawn from the whole duration. */
function drawCastsOf({ walk, casts }: Part, nodes: PlannedNode[], duration: number, random: Random): PlannedCast[] {
  // Poison is long at work: it comes early.
  const last = walk === 'deadly' ? duration / 2 : duration;
  return nodes.flatMap((node, index) => {
    const count = Math.floor(casts / nodes.length) + (index < casts % nodes.length ? 1 : 0);
    const moments = Array.from({ length: count }, () => random.int(0, last)).sort((one, other) => one - other);
    const steps = walkOf(walk, node, random);
    return moments.map((at, seq): PlannedCast => {
      // Python's client sends each message once; what comes twice from it comes from its own repeats.
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
