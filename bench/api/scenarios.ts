import { type Fleet, nameOf, uuidOf } from './fleet.js';
import type { Ask } from './requests.js';

/** Number of nodes on a page: the default of Ironic's max_limit, and of ours. */
const PAGE = 1000;
/** The part of the list that lies before the deep page. */
const DEEP = 0.9;
/**
 * Step between the nodes of consecutive requests. It has no common factor with a fleet's size, so requests reach all of
 * the list.
 */
const STEP = 7919;

/** A request to the API that is measured. */
export interface Scenario {
  readonly name: 'list' | 'deep_page' | 'fields' | 'detail' | 'show' | 'patch';
  readonly title: string;
  /** Number of requests when they follow each other, and when eight are under way. */
  readonly counts: { alone: number; crowded: number };
  /** Makes the request for a contestant's fleet. */
  readonly ask: (fleet: Fleet) => Promise<Ask>;
}

const LIST_COUNTS = { alone: 10, crowded: 24 };
const NODE_COUNTS = { alone: 100, crowded: 400 };

export const SCENARIOS: readonly Scenario[] = [
  list('list', 'list of 1,000', () => Promise.resolve('')),
  list(
    'deep_page',
    'list of 1,000, nine tenths down',
    async ({ size, uuidAt }) => `&marker=${await uuidAt(nodesBefore(size) - 1)}`,
    ({ size }) => size - nodesBefore(size),
  ),
  list('fields', 'list of 1,000, uuid and name', () => Promise.resolve('&fields=uuid,name')),
  list('detail', 'list of 1,000 in detail', () => Promise.resolve('&detail=True')),
  {
    name: 'show',
    title: 'one node by name',
    counts: NODE_COUNTS,
    ask: ({ size }) =>
      Promise.resolve({
        method: 'GET',
        path: (number) => `/v1/nodes/${nameOf((number * STEP) % size)}`,
        check: (answer, number) => {
          expectSame('uuid', (answer as { uuid?: unknown }).uuid, uuidOf((number * STEP) % size));
        },
      }),
  },
  {
    name: 'patch',
    title: 'PATCH of one node',
    counts: NODE_COUNTS,
    ask: ({ size }) =>
      Promise.resolve({
        method: 'PATCH',
        path: (number) => `/v1/nodes/${uuidOf((number * STEP) % size)}`,
        body: (number) => [{ op: 'add', path: '/extra/slot', value: number }],
        check: (answer, number) => {
          expectSame('extra.slot', (answer as { extra?: { slot?: unknown } }).extra?.slot, number);
        },
      }),
  },
];

/** Nodes before the deep page: at least one, which is the page's marker. */
function nodesBefore(size: number): number {
  return Math.max(1, Math.floor(size * DEEP));
}

/**
 * @param more further parameters of the query
 * @param left how many nodes there are from the beginning of the page on
 */
function list(
  name: Scenario['name'],
  title: string,
  more: (fleet: Fleet) => Promise<string>,
  left: (fleet: Fleet) => number = ({ size }) => size,
): Scenario {
  return {
    name,
    title,
    counts: LIST_COUNTS,
    ask: async (fleet) => {
      const path = `/v1/nodes?limit=${PAGE}${await more(fleet)}`;
      const expected = Math.min(PAGE, left(fleet));
      return {
        method: 'GET',
        path: () => path,
        check: (answer) => {
          expectSame('nodes in the answer', (answer as { nodes?: unknown[] }).nodes?.length, expected);
        },
      };
    },
  };
}

function expectSame(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)} where ${String(expected)} was expected`);
}
