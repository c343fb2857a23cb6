import type { MethodArguments } from '../contract/arguments.js';
import { type MethodName, METHODS } from '../contract/methods.js';
import { queueName } from '../rpc/index.js';
import type { Ended } from '../state/replay-store.js';

/** The parts of a journal entry that a replay plan needs. It has no body, because there may be a million entries. */
export interface JournalEntry {
  offset: number;
  /** The queue that the message went to; null: it was not routed to a queue of this topic. */
  queue: string | null;
  /** The operation's unique id; null when it cannot be read. */
  id: string | null;
  /** The node's UUID; null when it cannot be read. */
  node: string | null;
  method: string | null;
  /** The part of the node that the method concerns: see aspectOf. */
  aspect: string | null;
  /** Why the message cannot become an operation; null: it can. */
  problem: string | null;
  /** Whether the method changes something. */
  changes: boolean;
  /** How the operation ended, as the database has it; null: it has not ended. */
  ended: Ended | null;
}

/** Which entries an operator asks for: an entry must match all that are set. */
interface WantedEntries {
  /** The conductor host whose queue the message went to. */
  host?: string | undefined;
  /** UUID of the node. */
  node?: string | undefined;
  method?: string | undefined;
}

/**
 * Filters entries. A field that cannot be read counts as a match, because the entry may be the one that the operator
 * wants.
 */
export function replayFilter({ host, node, method }: WantedEntries, topic: string): (entry: JournalEntry) => boolean {
  const queue = host === undefined ? undefined : queueName(topic, host);
  const may = (wanted: string | undefined, value: string | null, problem: string | null): boolean =>
    wanted === undefined || wanted === value || (value === null && problem !== null);
  return (entry) =>
    may(queue, entry.queue, entry.problem) &&
    may(node, entry.node, entry.problem) &&
    may(method, entry.method, entry.problem);
}

export interface PlanOptions {
  /** The end of the range. Entries from this offset on are not replayed; they only show what came later. */
  end: number;
  /** For entries before this offset, the database may have forgotten that their operations ended. */
  oldest: number;
  /** Selects the entries that the operator asks for. */
  filter: (entry: JournalEntry) => boolean;
  /** Replay only operations that failed. */
  failedOnly: boolean;
  /** Replay only the last entry for each node and aspect. */
  latestPerNode: boolean;
  /** Replay also operations that have ended, are superseded or are too old. */
  force: boolean;
}

/** The reason why an entry is not replayed. */
export type SkipReason =
  'unreadable' | 'only asks' | 'repeat' | 'finished' | 'not failed' | 'not the latest' | 'superseded' | 'too old';

export interface Decision {
  entry: JournalEntry;
  /** Null: the entry is replayed. */
  skip: SkipReason | null;
  /** Whether the operation is done again although it has ended. */
  again: boolean;
  /** Id of a later operation of the node that has not ended yet. If it ends first, this one must not be done. */
  unless: string | null;
}

/**
 * Names the part of the node that a request concerns: a network type for methods that add or remove networks, a VIF for
 * methods that attach or detach it, and so on. Among requests with the same aspect, the last one says what is wanted.
 */
export function aspectOf(method: MethodName, args: MethodArguments): string {
  switch (method) {
    case 'vif_attach':
      return `vif ${args.vif_info?.id ?? ''}`;
    case 'vif_detach':
      return `vif ${args.vif_id ?? ''}`;
    case 'port_changed':
      return `port ${args.port_obj?.uuid ?? ''}`;
    case 'portgroup_changed':
      return `portgroup ${args.portgroup_obj?.uuid ?? ''}`;
    case 'update_dhcp_options':
      return `options ${args.options.map(({ opt_name, ip_version }) => `${opt_name}/${ip_version ?? 4}`).join(' ')}`;
    case 'reattach':
      return REATTACH;
    default:
      return METHODS[method].networkType ?? method;
  }
}

const REATTACH = 'reattach';
const TENANT = METHODS.configure_tenant_networks.networkType;

/** What is known about the later entries of a node, while the plan goes backwards through the journal. */
interface Later {
  /** Whether a later operation has ended and is not done again. */
  ended: boolean;
  /** The id of the last operation that has not ended. */
  open: string | null;
  /** The aspects of the later entries that lie before the end of the range. */
  aspects: Set<string>;
}

/**
 * Decides which entries of a journal are replayed. Returns a decision for each entry that the operator asks for, in the
 * order of the journal.
 *
 * An entry is superseded when a later operation of the same node has ended in the database and is not done again. Doing
 * the earlier operation now would move the node back.
 */
export function planReplay(entries: readonly JournalEntry[], options: PlanOptions): Decision[] {
  const repeats = repeatsOf(entries);
  const nodes = new Map<string, Later>();
  const decisions: Decision[] = [];
  for (const entry of entries.toReversed()) {
    const later = laterOf(nodes, entry);
    const asked = entry.offset < options.end && options.filter(entry);
    const skip = skipReason(entry, repeats.has(entry.offset), later, options);
    const again = skip === null && entry.ended !== null;
    if (asked) decisions.push({ entry, skip, again, unless: later.open });
    if (entry.problem === null && entry.changes && !repeats.has(entry.offset)) {
      note(later, entry, asked && again, options.end);
    }
  }
  return decisions.reverse();
}

/** Offsets of entries whose operation has an earlier entry: the sender repeated the message. */
function repeatsOf(entries: readonly JournalEntry[]): Set<number> {
  const ids = new Set<string>();
  const repeats = new Set<number>();
  for (const { id, offset } of entries) {
    if (id === null) continue;
    if (ids.has(id)) repeats.add(offset);
    ids.add(id);
  }
  return repeats;
}

function laterOf(nodes: Map<string, Later>, { node, problem }: JournalEntry): Later {
  const known = node === null || problem !== null ? undefined : nodes.get(node);
  const later = known ?? { ended: false, open: null, aspects: new Set<string>() };
  if (node !== null && problem === null && known === undefined) nodes.set(node, later);
  return later;
}

function skipReason(
  { problem, changes, ended, aspect, offset }: JournalEntry,
  isRepeat: boolean,
  later: Later,
  { failedOnly, latestPerNode, force, oldest }: PlanOptions,
): SkipReason | null {
  if (problem !== null) return 'unreadable';
  if (!changes) return 'only asks';
  if (isRepeat) return 'repeat';
  if (failedOnly && ended?.status !== 'failed') return 'not failed';
  if (ended !== null && !failedOnly && !force) return 'finished';
  if (latestPerNode && isOutdone(aspect, later)) return 'not the latest';
  if (later.ended && !force) return 'superseded';
  if (offset < oldest && !force) return 'too old';
  return null;
}

/** Whether a later entry replaces this one. A new configuration of tenant networks also replaces an older reattach. */
function isOutdone(aspect: string | null, { aspects }: Later): boolean {
  return aspect !== null && (aspects.has(aspect) || (aspect === REATTACH && aspects.has(TENANT)));
}

function note(later: Later, { id, ended, aspect, offset }: JournalEntry, again: boolean, end: number): void {
  if (ended === null) later.open ??= id;
  else if (!again) later.ended = true;
  if (aspect !== null && offset < end) later.aspects.add(aspect);
}
