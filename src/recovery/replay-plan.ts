import type { MethodArguments } from '../contract/arguments.js';
import { type MethodName, METHODS } from '../contract/methods.js';
import type { Ended } from '../state/replay-store.js';

/** What counts of an entry of the journal when a replay is planned. Without the body: there may be a million. */
export interface JournalEntry {
  offset: number;
  /** The queue that it went to; null: it was routed to none of ours. */
  queue: string | null;
  /** The operation's unique id; null where it cannot be read. */
  id: string | null;
  /** The node's UUID; null where it cannot be read. */
  node: string | null;
  method: string | null;
  /** What the method is about, of its node: see aspectOf. */
  aspect: string | null;
  /** Why it can become no operation; null: it can. */
  problem: string | null;
  /** Whether it changes something. */
  changes: boolean;
  /** How the operation ended, as the database has it; null: it has not. */
  ended: Ended | null;
}

export interface PlanOptions {
  /** Entries from this offset on only tell what came after. */
  end: number;
  /** Of entries before this offset the database may have forgotten that they are finished. */
  oldest: number;
  /** Which entries are asked for. */
  filter: (entry: JournalEntry) => boolean;
  /** Only operations that failed are done, again. */
  failedOnly: boolean;
  /** Only the last of each node and aspect. */
  latestPerNode: boolean;
  /** Even operations that have ended, or whose node has gone on. */
  force: boolean;
}

/** Why an entry is not replayed. */
export type SkipReason =
  'unreadable' | 'only asks' | 'repeat' | 'finished' | 'not failed' | 'not the latest' | 'superseded' | 'too old';

export interface Decision {
  entry: JournalEntry;
  /** Null: it is replayed. */
  skip: SkipReason | null;
  /** Whether it is done again although it has ended. */
  again: boolean;
  /** An operation of the node that came later and has not ended: when it has, this one must not be done any more. */
  unless: string | null;
}

/**
 * What a method is about, of its node. The last of the same aspect says what is wanted: a network type for what adds and
 * removes networks, a VIF for what attaches and detaches it.
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

/** What is known of a node's later entries while the journal is gone through backwards. */
interface Later {
  /** One has ended, and is not done again. */
  ended: boolean;
  /** The id of the last one that has not ended. */
  open: string | null;
  /** The aspects of those that are before the end of the range. */
  aspects: Set<string>;
}

/**
 * Decides which entries of a journal are replayed. Those that are asked for come out, in their order, each with what is
 * done or why not.
 *
 * An entry is superseded when a later one of the same node has ended in the database and is not done again itself: to do
 * the earlier one now would move the node back.
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

/** Offsets of entries whose operation has an earlier entry: a sender's repeats. */
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

/** Whether a later entry says what is wanted. Whoever configures tenant networks anew has no use for an older reattach. */
function isOutdone(aspect: string | null, { aspects }: Later): boolean {
  return aspect !== null && (aspects.has(aspect) || (aspect === REATTACH && aspects.has(TENANT)));
}

function note(later: Later, { id, ended, aspect, offset }: JournalEntry, again: boolean, end: number): void {
  if (ended === null) later.open ??= id;
  else if (!again) later.ended = true;
  if (aspect !== null && offset < end) later.aspects.add(aspect);
}
