import { pause } from '../../src/async/pause.js';
import { until } from '../fixtures/poll.js';
import type { Move, Walker } from './moves.js';
import { type Evidence, walk } from './walk.js';
import type { Wire } from './wire.js';

/** A fault at each move: before the cast, beside the move, and how it ends. */
export interface Disturbance {
  begin?: () => Promise<void> | void;
  strike?: (isMoved: () => boolean) => Promise<void>;
  end: () => Promise<void> | void;
}

/** The switch cannot be reached when a move begins. */
export function away({ rack: { login } }: Wire): Disturbance {
  return { begin: () => login.close(), end: () => login.open() };
}

/** The switch goes away while it is configured. */
export function cutHalfway({ rack: { login, leaf } }: Wire): Disturbance {
  return {
    strike: async (isMoved) => {
      const settings = leaf.settings.length;
      await until('the switch is configured', () => leaf.settings.length > settings || isMoved());
      await login.cut();
    },
    end: () => login.open(),
  };
}

/** Waits until Neutron says that it could not plug a switch port in, or until something else is so. */
export async function untilPlugFails(wire: Wire, failed: number, isOver: () => boolean): Promise<void> {
  await until('Neutron could not plug in', async () => {
    // It reads a whole log.
    await pause(200);
    return wire.failedPlugs > failed || isOver();
  });
}

/**
 * Moves nodes side by side, with a fault at each move. The fault ends when Neutron says that it could not plug a switch
 * port in, or when the move was made in spite of it.
 */
export async function disturbed(
  wire: Wire,
  walkers: readonly Walker[],
  moves: readonly Move[],
  { begin, strike, end }: Disturbance,
): Promise<Evidence> {
  const begun = new Map<string, number>();
  const last = new Map<string, Promise<void>>();
  const evidence = await walk(wire, walkers, moves, async (_move, { name }) => {
    const own = (begun.get(name) ?? 0) + 1;
    begun.set(name, own);
    await last.get(name);
    const isMoved = (): boolean => (begun.get(name) ?? 0) > own;
    const failed = wire.failedPlugs;
    await begin?.();
    last.set(
      name,
      (async (): Promise<void> => {
        await strike?.(isMoved);
        await untilPlugFails(wire, failed, isMoved);
        await end();
      })(),
    );
  });
  for (const { name } of walkers) begun.set(name, Infinity);
  await Promise.all(last.values());
  return evidence;
}
