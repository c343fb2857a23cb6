import { pause } from '../../src/async/pause.js';
import { until } from '../../testkit/fixtures/poll.js';
import type { IronicNotification, IronicNotifications } from '../../testkit/servers/ironic-notifications.js';
import type { BenchIronic, MovedNode } from './api.js';

/** A limit for what hangs, in milliseconds. */
const LONGEST = 600_000;
/** Milliseconds between two questions whether Ironic is at work on a node. */
const LOOK = 50;

/**
 * Has nodes go from one provision state to the next, and measures how long they take, without keeping Ironic from its
 * work. Its notifications say when a node has a state, so its API is not asked while it moves the node. A simulated
 * ramdisk sends a heartbeat when Ironic waits for one: when it has booted, and after each of its commands. So does
 * ironic-python-agent, whose other heartbeats are more than a minute apart.
 *
 * Source: ironic-python-agent, agent.py, IronicPythonAgentHeartbeater.
 */
export class NodeProgress {
  constructor(
    private readonly ironic: BenchIronic,
    private readonly notifications: IronicNotifications,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Has all of the nodes managed, and waits until they are. Ironic's API says it, because Ironic may lose the notification of
   * a state that follows at once on another.
   *
   * Source: Ironic, conductor/task_manager.py: the thread that manages a node and the one that has begun it share `_event`.
   */
  async manage(nodes: readonly MovedNode[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.ironic.provision(node, 'manage')));
    await Promise.all(nodes.map((node) => this.#settled(node, 'manageable')));
  }

  /** Gives the command to all of the nodes at once. @returns seconds until all have the state */
  command(nodes: readonly MovedNode[], target: string, state: string): Promise<number> {
    return this.#timed(nodes, async (node) => {
      const heard = this.#states(node).length;
      await this.ironic.provision(node, target);
      return until(`node ${node.uuid} is ${state}`, () => this.#news(node, heard, [state]), LONGEST);
    });
  }

  /** Boots the ramdisks of all of the nodes. @returns seconds until all have the state */
  boot(nodes: readonly MovedNode[], state: string): Promise<number> {
    return this.#timed(nodes, async (node) => {
      await node.ramdisk.boot();
      for (;;) {
        const heard = this.#states(node).length;
        await node.ramdisk.heartbeat();
        const what = `node ${node.uuid} moves on to ${state}`;
        const news = await until(what, () => this.#news(node, heard, [state, ...WAITING]), LONGEST);
        if (stateOf(news) === state) return news;
        await this.#settled(node);
      }
    });
  }

  /** @param reach has a node do something; its last notification */
  async #timed(nodes: readonly MovedNode[], reach: (node: MovedNode) => Promise<IronicNotification>): Promise<number> {
    const begin = Date.now();
    const last = await Promise.all(nodes.map(reach));
    // Ironic says it a moment before it is done with the node.
    await Promise.all(nodes.map((node) => this.#settled(node)));
    return (Math.max(...last.map(({ at }) => at)) - begin) / 1000;
  }

  /** Waits until Ironic is done with the node. @param wanted the state that it must have; null if any state will do */
  #settled(node: MovedNode, wanted: string | null = null): Promise<true> {
    const ask = async (): Promise<boolean> => {
      this.signal.throwIfAborted();
      const state = await this.ironic.settledState(node);
      if (state !== null && (wanted === null || state === wanted)) return true;
      await pause(LOOK);
      return false;
    };
    return until(`Ironic is done with node ${node.uuid}`, ask, LONGEST);
  }

  /**
   * The last notification about the node's provision state, if it is newer than those that were heard, and if it says one of
   * these states.
   *
   * @param heard the number of notifications
   * @throws Error when the node has failed; the reason of the signal
   */
  #news(node: MovedNode, heard: number, wanted: readonly string[]): IronicNotification | null {
    this.signal.throwIfAborted();
    const states = this.#states(node);
    const last = states.at(-1);
    if (states.length <= heard || last === undefined) return null;
    const state = stateOf(last);
    if (state.endsWith('failed') || state === 'error') {
      throw new Error(`node ${node.uuid} is ${state}: ${String(last.payload['last_error'])}`);
    }
    return wanted.includes(state) ? last : null;
  }

  #states({ uuid }: MovedNode): IronicNotification[] {
    return this.notifications.about(uuid).filter(({ event }) => event.startsWith('baremetal.node.provision_set.'));
  }
}

/** Provision states in which Ironic waits for the ramdisk. */
const WAITING = ['clean wait', 'wait call-back'];

function stateOf({ payload }: IronicNotification): string {
  return String(payload['provision_state']);
}
