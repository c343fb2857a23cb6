import { z } from 'zod';

import { NETWORK_TYPES } from '../../contract/methods.js';
import { ACTION_KINDS, ACTION_STATUSES } from '../../state/index.js';
import { ID, TEXT } from '../http/result-schemas.js';

// Schemas of answers for operators. We build the answers ourselves, so only tests validate them against these.

interface Answers {
  readonly 200: z.ZodType<object>;
}

const TIME = z.iso.datetime();
const COUNT = z.int();

const WORKER = z.strictObject({
  id: z.string(),
  name: z.string().describe('Its machine and process'),
  build: TEXT.describe('Version and commit; null: a worker of an older version, which does not tell'),
  started_at: TIME,
  seen_at: TIME.nullable().describe('When it last said that it is alive; null: a worker of an older version'),
  lives: z.boolean().nullable().describe('Whether that was less than ten seconds ago; null: unknown'),
  owns: z.array(z.string()).describe('The conductor hosts for whose queues it acts'),
  stands_by: z.array(z.string()).describe('The conductor hosts whose queues it would take over'),
});
const OWNED_HOST = z.strictObject({
  conductor_host: z.string(),
  worker_id: TEXT.describe('The worker that acts for its queue; null: none since the last one released it'),
  since: TIME.describe('When the last worker took the queue'),
  epoch: COUNT.describe('How often a worker took it'),
  lease: z.number().nullable().describe('Seconds for which the worker may act before it asks again; null: unknown'),
});

export const WORKERS: Answers = {
  200: z
    .strictObject({ workers: z.array(WORKER), hosts: z.array(OWNED_HOST) })
    .meta({ id: 'Workers', description: 'The workers, and who acts for which conductor host' }),
};

export const QUEUE = z.strictObject({
  name: z.string(),
  kind: z
    .enum(['host', 'any_host', 'fanout', 'dead_letters'])
    .describe('host: of one conductor host; any_host: of requests that any worker may take; fanout; dead_letters'),
  conductor_host: TEXT,
  messages: COUNT.nullable().describe('Messages that wait; null: there is no such queue'),
  consumers: COUNT.nullable().describe('Its consumers, of which one is active; null: there is no such queue'),
});

export const QUEUES: Answers = {
  200: z
    .strictObject({
      queues: z.array(QUEUE),
      owed_results: COUNT.describe('Results of casts whose delivery is not confirmed'),
    })
    .meta({ id: 'Queues', description: 'What waits: requests, dead letters, and results that are owed' }),
};

export const FINDING = z.strictObject({
  check: z.string().describe('Subject and check, such as broker.exchange'),
  status: z.enum(['ok', 'warning', 'problem']),
  what: z.string().describe('What was found, in a sentence'),
  remedy: TEXT.describe('What to do about it; null: nothing'),
});

export const HEALTH: Answers = {
  200: z
    .strictObject({
      checked_at: TIME,
      counts: z.strictObject({ ok: COUNT, warning: COUNT, problem: COUNT }),
      findings: z.array(FINDING),
    })
    .meta({ id: 'Health', description: 'What netprov doctor finds' }),
};

const SECONDS = z.number().nullable();
const POINT = z.strictObject({
  at: TIME.describe('When the span of time begins'),
  succeeded: COUNT.describe('Operations that ended in the span'),
  failed: COUNT,
  retries: COUNT.describe('Attempts beyond the first, of the operations that ended in the span'),
  mean: SECONDS.describe('Seconds from receipt to outcome; null: none ended'),
  p50: SECONDS,
  p95: SECONDS.describe('Percentiles are right to about a tenth of their value'),
  max: SECONDS,
});
const DURATIONS = z.strictObject({
  method: z.string(),
  count: COUNT,
  failed: COUNT,
  buckets: z
    .array(z.strictObject({ seconds: z.number(), count: COUNT }))
    .describe('How many operations took at most so many seconds, and longer than the bound before'),
});

export const SERIES: Answers = {
  200: z
    .strictObject({
      span: z.number().describe('Seconds between two points'),
      running: COUNT.describe('Operations that have begun and not ended'),
      points: z.array(POINT).describe('Oldest first'),
      durations: z.array(DURATIONS).describe('By method, the most frequent first'),
    })
    .meta({ id: 'OperationSeries', description: 'Rate, duration and retries of the operations of the last minutes' }),
};

const LETTER = {
  id: z.string().describe('Id of its operation; if that cannot be read, the SHA-256 of the body'),
  reason: TEXT.describe('A stable word (see docs/errors.md)'),
  detail: TEXT.describe('The reason in a sentence'),
  queue: TEXT.describe('The queue that the message came from'),
  node: TEXT.describe('UUID of the node'),
  method: TEXT,
  operation_id: TEXT,
  first_time: TEXT.describe('When the message became a dead letter for the first time'),
  last_time: TEXT.describe('When it became one for the last time'),
  deaths: COUNT.describe('How often it became one'),
  attempts: COUNT.nullable().describe('How often it was tried'),
  content_type: TEXT,
  bytes: COUNT.describe('Size of the body'),
};

export const DEAD_LETTER = z.strictObject(LETTER).meta({ id: 'DeadLetter', description: 'A dead letter' });
const DEAD_LETTER_DETAIL = z
  .strictObject({
    ...LETTER,
    problem: TEXT.describe('Why the message is not a valid request; null: it is one'),
    request: z.looseObject({}).nullable().describe('The request without secrets; null: it cannot be read'),
  })
  .meta({ id: 'DeadLetterDetail', description: 'A dead letter with its request' });

export const DEAD_LETTERS: Answers = {
  200: z
    .strictObject({ dead_letters: z.array(DEAD_LETTER), more: z.boolean().describe('Whether there are others') })
    .meta({ id: 'DeadLetterList', description: 'Dead letters, oldest first' }),
};
export const DEAD_LETTER_ITEMS: Answers = {
  200: z
    .strictObject({ dead_letters: z.array(DEAD_LETTER_DETAIL) })
    .meta({ id: 'DeadLetterItems', description: 'The dead letters with this id: several if their bodies are equal' }),
};
export const LETTERS_CHANGED: Answers = {
  200: z
    .strictObject({
      dry_run: z.boolean(),
      dead_letters: z.array(DEAD_LETTER).describe('The dead letters that were, or would be, changed'),
      done: z.array(z.string()).describe('Ids of those that were requeued or dropped'),
      stayed: z.array(z.strictObject({ id: z.string(), why: z.string() })).describe('Those that stay, and why'),
      action: TEXT.describe('Id of the record of this action; null for a dry run'),
    })
    .meta({ id: 'DeadLettersChanged', description: 'What became of dead letters' }),
};

const NODE_FINDING = z.strictObject({
  kind: z.string().describe('Such as missing_port, wrong_host or stray_port (see docs/reconcile.md)'),
  network_type: z.enum(NETWORK_TYPES).nullish(),
  neutron_port_id: z.string(),
  port_uuid: z.string().nullish(),
  portgroup_uuid: z.string().nullish(),
  reason: z.string().describe('The difference, in a sentence'),
  repaired: z.boolean(),
});

const NEUTRON_PORT = z.strictObject({
  id: ID,
  name: z.string(),
  status: z.string().describe('ACTIVE, DOWN, BUILD or ERROR'),
  admin_state_up: z.boolean(),
  network_id: ID,
  mac_address: z.string(),
  fixed_ips: z.array(z.strictObject({ subnet_id: z.string(), ip_address: z.string() })),
  device_owner: z.string(),
  device_id: z.string(),
  host_id: z.string().describe('binding:host_id'),
  vnic_type: z.string().describe('binding:vnic_type'),
  vif_type: z.string().describe('binding:vif_type'),
  profile: z.looseObject({}).describe('binding:profile'),
  recorded: z.boolean().describe("Whether the node's record has a binding to it"),
});
const NEUTRON_NETWORK = z.strictObject({
  id: ID,
  name: z.string(),
  network_type: TEXT.describe('provider:network_type, such as vlan'),
  physical_network: TEXT.describe('provider:physical_network'),
  segmentation_id: COUNT.nullable().describe('provider:segmentation_id, such as the number of the VLAN'),
});

export const NODE_IN_NEUTRON: Answers = {
  200: z
    .strictObject({
      node_uuid: ID,
      read_at: TIME,
      ports: z.array(NEUTRON_PORT).describe('The Neutron ports of the node: recorded ones, and others that name it'),
      networks: z.array(NEUTRON_NETWORK).describe('The networks of these ports'),
      missing: z.array(ID).describe('Neutron ports that the record has, and Neutron does not'),
      findings: z.array(NODE_FINDING).describe('What differs from the record; netprov reconcile repairs it'),
    })
    .meta({ id: 'NodeInNeutron', description: 'What Neutron says now of a node' }),
};

export const NETWORKS: Answers = {
  200: z
    .strictObject({
      networks: z.array(
        z
          .strictObject({
            id: ID,
            name: TEXT.describe('Its name in Neutron; null: Neutron has no such network, or does not answer'),
          })
          .meta({ id: 'Network', description: 'A network that nodes are on' }),
      ),
      next: z.string().optional().describe('URL of the next page, if there may be one'),
    })
    .meta({ id: 'NetworkList', description: 'A page of a list' }),
};

const ACTION = z
  .strictObject({
    id: ID,
    kind: z.enum(ACTION_KINDS),
    user_id: TEXT.describe('Who asked for it; null: nobody has to log in'),
    user_name: TEXT,
    project_id: TEXT.describe('The project that the user acted for'),
    request_id: z.string(),
    request: z.looseObject({}).describe('What was asked for'),
    status: z.enum(ACTION_STATUSES).describe('lost: the API process that did it died'),
    done: COUNT.describe('How far it is'),
    total: COUNT.nullable().describe('Of how much; null: not known yet'),
    report: z.looseObject({}).nullish().describe('What came of it; lists have no reports'),
    error: TEXT.describe('Why it failed; null: it did not fail'),
    started_at: TIME,
    finished_at: TIME.nullable(),
  })
  .meta({ id: 'Action', description: 'Something that an operator had done through this API' });

export const ACTION_ITEM: Answers = { 200: ACTION };
export const ACTION_BEGUN: { readonly 202: z.ZodType<object> } = { 202: ACTION };
export const ACTIONS: Answers = {
  200: z
    .strictObject({ actions: z.array(ACTION) })
    .meta({ id: 'ActionList', description: 'The newest actions of operators, newest first' }),
};
