import type { LettersDone, OperatorTools } from '../../src/api/operators/tools.js';

const LETTER = {
  id: 'operation-1',
  reason: 'retries_exhausted',
  detail: 'Neutron answers 503',
  queue: 'ironic.network_provider.conductor-1',
  node: null,
  method: 'add_cleaning_network',
  operation_id: 'operation-1',
  first_time: null,
  last_time: null,
  deaths: 1,
  attempts: null,
  content_type: null,
  bytes: 10,
};

/** Simulates what operators have done: there is one dead letter, nothing differs, and everything succeeds. */
export function scriptedTools(): OperatorTools {
  const change = (ids: readonly string[]): Promise<LettersDone> => Promise.resolve({ done: [...ids], stayed: [] });
  return {
    letters: {
      list: ({ ids }) => {
        const letters = ids === undefined || ids.includes(LETTER.id) ? [LETTER] : [];
        return Promise.resolve({ letters, more: false });
      },
      show: (id) => Promise.resolve(id === LETTER.id ? [{ ...LETTER, problem: null, request: {} }] : []),
      requeue: change,
      drop: change,
    },
    examine: () => Promise.resolve([{ check: 'broker.exchange', status: 'ok', what: 'it exists', remedy: null }]),
    replay: () => Promise.resolve({ counts: [], entries: [], more: false }),
    reconcile: () => Promise.resolve({ nodes: 0, differences: [] }),
    nodeInNeutron: () => Promise.resolve({ ports: [], networks: [], findings: [] }),
    networkNames: (ids) => Promise.resolve(new Map(ids.map((id) => [id, 'a network']))),
    queues: () => {
      const queue = { name: 'ironic.network_provider', kind: 'any_host', conductor_host: null } as const;
      return Promise.resolve([{ ...queue, messages: 3, consumers: 1 }]);
    },
  };
}
