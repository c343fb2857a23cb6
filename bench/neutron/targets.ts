import type { MethodName } from '../../src/index.js';
import { atMost, type Target } from '../comparison/target.js';
import type { NeutronResult } from './results.js';
import type { Scenario } from './scenarios.js';

/** Limits for the worker in one scenario. */
interface Goals {
  /** The worker's seconds relative to Ironic's, for the whole scenario. */
  seconds: number;
  /** The same for single methods. */
  methodSeconds?: Partial<Record<MethodName, number>>;
  /** The worker's requests to Neutron: of the whole scenario, or of single methods. */
  requests?: number;
  methodRequests?: Partial<Record<MethodName, number>>;
}

const GOALS: Record<Scenario['name'], Goals> = {
  cleaning_2_nics: {
    seconds: 0.5,
    methodSeconds: { remove_cleaning_network: 0.6 },
    methodRequests: { add_cleaning_network: 3 },
  },
  cleaning_8_nics: {
    seconds: 0.45,
    methodSeconds: { remove_cleaning_network: 0.5 },
    methodRequests: { add_cleaning_network: 9 },
  },
  deploy_2_nics: { seconds: 0.55, requests: 12 },
  cleaning_50_nodes: { seconds: 0.5 },
};

/** The limits apply with this number of API workers. */
const API_WORKERS = 2;

export function neutronTargets(results: readonly NeutronResult[]): Target[] {
  return results.filter(({ api_workers }) => api_workers === API_WORKERS).flatMap(targetsOf);
}

function targetsOf(result: NeutronResult): Target[] {
  const { seconds, methodSeconds = {}, requests, methodRequests = {} } = GOALS[result.scenario];
  const { what } = result;
  const targets = [atMost(seconds, `seconds of ${what}`, 'Ironic', result.ratio.seconds)];
  if (requests !== undefined) {
    targets.push(atMost(requests, `requests to Neutron of ${what}`, null, result.requests.worker.median));
  }
  for (const method of result.methods) {
    const name = method.what as MethodName;
    const [slow, many] = [methodSeconds[name], methodRequests[name]];
    if (slow !== undefined) {
      targets.push(atMost(slow, `seconds of ${name}, ${what}`, 'Ironic', method.ratio.seconds));
    }
    if (many !== undefined) {
      const note = 'without Neutron events';
      targets.push(
        atMost(many, `requests to Neutron of ${name}, ${what}`, null, method.requests.worker.median, { note }),
      );
    }
  }
  return targets;
}
