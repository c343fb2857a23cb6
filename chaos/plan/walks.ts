import type { MethodName } from '../../src/contract/methods.js';
import type { Random } from '../random.js';
import { type Answer, BAD_ANSWERS } from './answers.js';
import type { Expectation, PlannedNode } from './types.js';

/** A cast without the time at which it is sent. */
export interface Step {
  method: MethodName;
  args: Record<string, unknown>;
  withVifs: boolean;
  answer: Answer;
  expected: Expectation;
}

const nothing: Expectation = { status: 'succeeded', error: null, letter: null, bound: null, vifs: null };

/** An endless series of casts for a node, each with the required outcome. */
export function walkOf(walk: Walk, node: PlannedNode, random: Random): Generator<Step, never> {
  return WALKS[walk](node, random);
}

/** Probability that a finished move is cast again, as by a conductor that was restarted. */
const AGAIN = 0.1;

/** Cleanings and deployments: from the provisioning network to the tenant's and back, as Ironic makes these moves. */
function* neutronWalk(node: PlannedNode, random: Random): Generator<Step, never> {
  const all = node.nics.map(({ uuid }) => uuid);
  const step = (method: MethodName, bound: string[], withVifs: boolean): Step => ({
    method,
    args: {},
    withVifs,
    answer: 'good',
    expected: { ...nothing, bound },
  });
  for (;;) {
    const steps = random.chance(0.5)
      ? [step('add_cleaning_network', all, false), step('remove_cleaning_network', [], false)]
      : [
          step('add_provisioning_network', all, true),
          step('remove_provisioning_network', [], true),
          step('configure_tenant_networks', all, true),
          step('unconfigure_tenant_networks', [], true),
        ];
    for (const one of steps) {
      yield one;
      if (random.chance(AGAIN)) yield one;
    }
  }
}

const MOVES: readonly MethodName[] = [
  'add_provisioning_network',
  'remove_provisioning_network',
  'add_cleaning_network',
  'remove_cleaning_network',
  'configure_tenant_networks',
  'unconfigure_tenant_networks',
];

/**
 * The provider none changes nothing in Neutron, but it records VIFs. The VIFs after a cast depend on every cast before
 * it, so a cast that was lost, done twice or done out of order shows in the later answers.
 */
function* noneWalk({ nics }: PlannedNode, random: Random): Generator<Step, never> {
  // There is one VIF more than NICs, so some attachments find no free NIC.
  const vifs = Array.from({ length: nics.length + 1 }, () => random.uuid());
  /** VIF by NIC. */
  const attached = new Map<string, string>();
  const step = (method: MethodName, args: Record<string, unknown>, expected: Partial<Expectation>): Step => ({
    method,
    args,
    withVifs: false,
    answer: 'good',
    expected: { ...nothing, ...expected },
  });
  const standing = (): Partial<Expectation> => ({ vifs: Object.fromEntries(attached) });
  const fails = (error: string): Partial<Expectation> => ({ status: 'failed', error });
  for (;;) {
    const what = random.next();
    const vif = random.pick(vifs);
    const nic = nics.find(({ uuid }) => attached.get(uuid) === vif)?.uuid;
    if (what < 0.3) {
      const free = nics.find(({ uuid }) => !attached.has(uuid))?.uuid;
      const args = { vif_info: { id: vif } };
      if (nic !== undefined) yield step('vif_attach', args, fails('VifAlreadyAttached'));
      else if (free === undefined) yield step('vif_attach', args, fails('NoFreePhysicalPorts'));
      else {
        attached.set(free, vif);
        yield step('vif_attach', args, standing());
      }
    } else if (what < 0.5) {
      if (nic === undefined) yield step('vif_detach', { vif_id: vif }, fails('VifNotAttached'));
      else {
        attached.delete(nic);
        yield step('vif_detach', { vif_id: vif }, standing());
      }
    } else if (what < 0.7) yield step('vif_list', {}, standing());
    else yield step(random.pick(MOVES), {}, { bound: [] });
  }
}

/**
 * Casts for nodes of the plug-in: they are bound to the cleaning network and removed from it. In between, the plug-in
 * gives answers about another network type that cannot be recorded: such a cast fails, and nothing changes.
 */
function* pluginWalk({ nics }: PlannedNode, random: Random): Generator<Step, never> {
  const all = nics.map(({ uuid }) => uuid);
  const fails: Partial<Expectation> = { status: 'failed', error: 'NetworkError', letter: 'internal_error', bound: [] };
  for (;;) {
    for (const answer of random.shuffle(BAD_ANSWERS)) {
      yield pluginStep('add_cleaning_network', 'good', { bound: all });
      yield pluginStep('add_inspection_network', answer, fails);
      yield pluginStep('remove_cleaning_network', 'good', { bound: [] });
    }
  }
}

/**
 * Three casts for a node of the plug-in: it is bound, then a poison message kills its worker each time, then it is
 * unbound.
 */
function* deadlyWalk({ nics }: PlannedNode): Generator<Step, never> {
  const all = nics.map(({ uuid }) => uuid);
  const fails: Partial<Expectation> = { status: 'failed', error: 'NetworkError', letter: 'poison', bound: [] };
  yield pluginStep('add_cleaning_network', 'good', { bound: all });
  yield pluginStep('add_inspection_network', 'deadly', fails);
  for (;;) yield pluginStep('remove_cleaning_network', 'good', { bound: [] });
}

function pluginStep(method: MethodName, answer: Answer, expected: Partial<Expectation>): Step {
  return { method, args: {}, withVifs: false, answer, expected: { ...nothing, ...expected } };
}

const WALKS = { none: noneWalk, neutron: neutronWalk, plugin: pluginWalk, deadly: deadlyWalk };

/** The kind of a node's casts: for Neutron, for none, for the plug-in, or for the plug-in with a poison message. */
export type Walk = keyof typeof WALKS;
