import { NetworkProviderClient, type TaskInput } from '../../src/index.js';
import { playRounds, type Round } from '../comparison/rounds.js';
import { type Timed, timed } from '../comparison/timed.js';
import { sampleTaskInput } from '../drain/casts.js';
import { HOST } from '../drain/queues.js';
import { type Closers, type ContestantName, CONTESTANTS, openServer } from './contestants.js';

/** Numbers of calls that are under way at once. */
export const CROWDS = [1, 64] as const;
export type Crowd = (typeof CROWDS)[number];

const METHOD = 'add_provisioning_network';
/** Calls of the warm-up for each one that is under way. */
const WARM_UP = 5;

export type CallsRound = Round<Crowd, ContestantName, Timed>;

export interface CallsSettings {
  /** Calls of each contestant in a round. */
  calls: number;
  rounds: number;
}

/** Measures round trips of calls with all contestants in turn, after a round that does not count. */
export async function measure(
  { calls, rounds }: CallsSettings,
  signal: AbortSignal,
  tell: (measured: CallsRound) => void,
): Promise<CallsRound[]> {
  const closers: Closers = [];
  // A node for each call that is under way, for operations of one node follow each other.
  const tasks = Array.from({ length: Math.max(...CROWDS) }, sampleTaskInput);
  try {
    const clients = new Map<ContestantName, NetworkProviderClient>();
    for (const name of CONTESTANTS) clients.set(name, await openClient(name, closers, signal));
    return await playRounds({
      rounds,
      warmUp: true,
      scenarios: CROWDS,
      contestants: CONTESTANTS,
      play: (inFlight, name, round) => {
        const count = round === 0 ? inFlight * WARM_UP : calls;
        return play(clients.get(name), tasks, { count, inFlight }, signal);
      },
      tell,
      signal,
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** The queue exists then: the first call waits in it until the server has started. */
async function openClient(name: ContestantName, closers: Closers, signal: AbortSignal): Promise<NetworkProviderClient> {
  const client = new NetworkProviderClient({ transportUrl: await openServer(name, closers, signal) });
  closers.push(() => client.close());
  return client;
}

function play(
  client: NetworkProviderClient | undefined,
  tasks: readonly TaskInput[],
  { count, inFlight }: { count: number; inFlight: number },
  signal: AbortSignal,
): Promise<Timed> {
  if (client === undefined) throw new Error('a contestant that was not started');
  return timed(
    { count, inFlight },
    (number) => client.call(METHOD, { host: HOST, task: tasks[number % inFlight] ?? sampleTaskInput() }),
    ({ status }) => {
      if (status !== 'succeeded') throw new Error(`a call ended with ${status}`);
    },
    signal,
  );
}
