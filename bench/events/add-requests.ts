import { median } from '../comparison/statistics.js';
import { atMost, type Target } from '../comparison/target.js';
import type { Cloud } from '../neutron/cloud.js';
import { type BenchNode, makeNode } from '../neutron/scenarios.js';
import { type ContestantName, CONTESTANTS } from './scenarios.js';
import type { Side } from './side.js';

/** Requests to Neutron that adding a network takes, for a node that is on record: medians over the rounds. */
export interface AddRequests {
  nics: number;
  requests: Record<ContestantName, number>;
}

const NICS = [2, 8];
/** Once a minute a worker also looks up the network by its name. */
const ROUNDS = 3;

/** Adds and removes the cleaning network with every contestant, and counts the requests of the adding. */
export async function measureAddRequests(
  sides: Record<ContestantName, Side>,
  cloud: Cloud,
  signal: AbortSignal,
): Promise<AddRequests[]> {
  const measured: AddRequests[] = [];
  for (const nics of NICS) {
    const requests: Record<ContestantName, number> = { polling: NaN, gathered: NaN, at_once: NaN };
    for (const name of CONTESTANTS) {
      const node = makeNode({ nics });
      await cloud.report(node);
      const counts: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        signal.throwIfAborted();
        counts.push(await requestsOf(sides[name], node, cloud));
      }
      // The first round puts the node on record, and does not count.
      requests[name] = median(counts.slice(1));
      process.stderr.write(`add of a network, ${nics} NICs: ${name}: ${counts.join(', ')} requests\n`);
    }
    measured.push({ nics, requests });
  }
  return measured;
}

async function requestsOf(side: Side, node: BenchNode, cloud: Cloud): Promise<number> {
  side.proxy.reset();
  await side.perform('add_cleaning_network', node);
  const { length } = side.proxy.requests;
  await cloud.settle('add_cleaning_network', node);
  await side.perform('remove_cleaning_network', node);
  await cloud.settle('remove_cleaning_network', node);
  return length;
}

export function addRequestsTargets(measured: readonly AddRequests[]): Target[] {
  return measured.map(({ nics, requests }) => {
    const note = 'with Neutron events';
    return atMost(nics, `requests to Neutron of add_cleaning_network, ${nics} NICs`, null, requests.at_once, { note });
  });
}
