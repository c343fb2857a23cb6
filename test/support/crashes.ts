import type { ProxiedRequest } from './http-proxy.js';
import { atFrame, atRequests, atStatement, type Hold } from './steered-worker.js';

type Method =
  | 'add_provisioning_network'
  | 'remove_provisioning_network'
  | 'configure_tenant_networks'
  | 'unconfigure_tenant_networks';

/** What the servers show of an operation at one moment. */
export interface Seen {
  /** Status on the operation's row; null: there is no row. */
  operation: 'running' | 'succeeded' | null;
  /** How many Neutron ports are bound to the node. */
  bound: number;
  /** How many results the conductor has been sent. */
  results: number;
}

/** A worker's death. */
export interface Crash {
  method: Method;
  /** Where it dies, for the test's name. */
  dies: string;
  hold: Hold;
  /** What its servers show then: the proof that it died there. */
  leaves: Seen;
}

// Statements, in packets of the MySQL protocol.
const ASKS_IF_DONE = /SELECT id, result, begun/;
export const BEGINS = /INSERT INTO operations/;
export const TAKES_BACK = /UPDATE operations SET begun = begun - 1/;
export const ENDS = /INSERT INTO operations .*owed_to/s;
const OPENS_TRANSACTION = /START TRANSACTION$/;
export const COMMITS = /COMMIT$/;

// Methods, in AMQP frames: after 7 bytes stand the numbers of class and method. 60, 40 is basic.publish; 60, 80 is
// basic.ack, which is sought after the result: the message before may be acknowledged only now.
const SENDS_RESULT = /^.{7}\0\x3c\0\x28.*_results\./s;
const ACKNOWLEDGES = /^.{7}\0\x3c\0\x50/s;

const any = (): boolean => true;
export const creates = ({ method }: ProxiedRequest): boolean => method === 'POST';
export const deletes = ({ method }: ProxiedRequest): boolean => method === 'DELETE';
const updates = ({ method }: ProxiedRequest): boolean => method === 'PUT';
const resetsMac = ({ method, body }: ProxiedRequest): boolean => method === 'PUT' && /"mac_address":\s*null/.test(body);
const waits = ({ method, path }: ProxiedRequest): boolean => method === 'GET' && /\/ports\?(.*&)?id=/.test(path);

const unseen: Seen = { operation: null, bound: 0, results: 0 };
const running = (bound: number): Seen => ({ operation: 'running', bound, results: 0 });
const committed = (bound: number): Seen => ({ operation: 'succeeded', bound, results: 0 });
const answered = (bound: number): Seen => ({ operation: 'succeeded', bound, results: 1 });

type Step = [dies: string, hold: Hold, leaves: Seen];

const STEPS: Record<Method, Step[]> = {
  add_provisioning_network: [
    ['received, before it is looked up', atStatement('hang before', ASKS_IF_DONE), unseen],
    ['looked up, before its row is begun', atStatement('hang before', BEGINS), unseen],
    ['begun, before it knows that it is', atStatement('hang after', BEGINS, COMMITS), running(0)],
    ['begun, before Neutron is asked', atRequests(any, 'hang before'), running(0)],
    ['Neutron was asked, before it creates a port', atRequests(creates, 'hang before', 'hang before'), running(0)],
    ['one of two ports is created', atRequests(creates, 'pass', 'hang before'), running(1)],
    ['one of two ports is created, before it knows', atRequests(creates, 'hang after', 'hang before'), running(1)],
    ['both ports are created, before it knows', atRequests(creates, 'hang after', 'hang after'), running(2)],
    ['both ports are created, waiting for ACTIVE', atRequests(waits, 'hang before'), running(2)],
    [
      'both ports are ACTIVE, before the transaction',
      atStatement('hang before', BEGINS, COMMITS, OPENS_TRANSACTION),
      running(2),
    ],
    ['in the transaction, before the commit', atStatement('hang before', ENDS, COMMITS), running(2)],
    ['committed, before it knows', atStatement('hang after', ENDS, COMMITS), committed(2)],
    ['committed, before the answer', atFrame('hang before', SENDS_RESULT), committed(2)],
    ['answered, before it knows', atFrame('hang after', SENDS_RESULT), answered(2)],
    ['answered, before the acknowledgement', atFrame('hang before', SENDS_RESULT, ACKNOWLEDGES), answered(2)],
  ],
  remove_provisioning_network: [
    ['before it deletes a port', atRequests(deletes, 'hang before', 'hang before'), running(2)],
    ['one of two ports is deleted, before it knows', atRequests(deletes, 'hang after', 'hang before'), running(1)],
    ['both ports are deleted, before the commit', atStatement('hang before', ENDS, COMMITS), running(0)],
    ['committed, before the answer', atFrame('hang before', SENDS_RESULT), committed(0)],
    ['answered, before the acknowledgement', atFrame('hang before', SENDS_RESULT, ACKNOWLEDGES), answered(0)],
  ],
  configure_tenant_networks: [
    ['before it binds a VIF', atRequests(updates, 'hang before', 'hang before'), running(0)],
    ['one of two VIFs is bound, before it knows', atRequests(updates, 'hang after', 'hang before'), running(1)],
    ['both VIFs are bound, before the commit', atStatement('hang before', ENDS, COMMITS), running(2)],
    ['committed, before the answer', atFrame('hang before', SENDS_RESULT), committed(2)],
  ],
  unconfigure_tenant_networks: [
    ['before it unbinds a VIF', atRequests(updates, 'hang before', 'hang before'), running(2)],
    ['one of two VIFs is unbound, before it knows', atRequests(updates, 'hang after', 'hang before'), running(1)],
    ['unbound, before the MAC addresses are reset', atRequests(resetsMac, 'hang before', 'hang before'), running(0)],
    ['one MAC address is reset, before it knows', atRequests(resetsMac, 'hang after', 'hang before'), running(0)],
    ['both are unbound and reset, before the commit', atStatement('hang before', ENDS, COMMITS), running(0)],
  ],
};

/** Every step between receive and acknowledge, and what lies between the requests of each kind of move. */
export const CRASHES: readonly Crash[] = Object.entries(STEPS).flatMap(([method, steps]) =>
  steps.map(([dies, hold, leaves]) => ({ method: method as Method, dies, hold, leaves })),
);
