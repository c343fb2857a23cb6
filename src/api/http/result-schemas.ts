import { z } from 'zod';

import { METHOD_NAMES, NETWORK_TYPES } from '../../contract/methods.js';
import { OPERATION_STATUSES } from '../../state/index.js';
import type { Resource } from './resource.js';

/** Types that answers are built from, for the OpenAPI document. */
export const ID = z.guid();
export const TEXT = z.string().nullable();
export const SWITCH = z.boolean().nullable();
const TIME = z.iso.datetime();
const NETWORK_TYPE = z.enum(NETWORK_TYPES).nullable();

/** Schema of an answer. We build the answers ourselves, so only tests validate them against it. */
type Answer = z.ZodType<Record<string, unknown>>;

const LINK = z
  .strictObject({ href: z.string().describe('URL'), rel: z.string().describe('self, or bookmark') })
  .meta({ id: 'Link', description: 'Link to a resource' });
const NEXT = z.string().optional().describe('URL of the next page, if there may be one');

/** Schemas of the answers with items of a resource. */
export interface ResourceResults {
  item: Answer;
  list: Answer;
}

/** Schemas of a resource's answers. Call it once for each resource: the document knows them by their names. */
export function resultsOf<Row>(resource: Resource<Row>): ResourceResults {
  const item = itemResult(resource);
  return { item, list: listResult(resource, item) };
}

/** Schema of one item. The version and the query decide which of its fields an answer has. */
function itemResult<Row>({ title, about, fields, children }: Resource<Row>): Answer {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, { schema, since }] of Object.entries(fields)) shape[name] = optional(schema, since);
  shape['links'] = z.array(LINK).describe('Links to the resource');
  for (const { name, since } of children) shape[name] = optional(z.array(LINK).describe(`Links to its ${name}`), since);
  return z.strictObject(shape).meta({ id: title, description: about });
}

function optional(schema: z.ZodType, since: number): z.ZodType {
  return schema.optional().meta({ ...schema.meta(), 'x-since': `1.${since}` });
}

/** Schema of a page of items. */
function listResult<Row>({ name, title }: Resource<Row>, item: Answer): Answer {
  return z
    .strictObject({ [name]: z.array(item), next: NEXT })
    .meta({ id: `${title}List`, description: 'A page of a list' });
}

/** Answers of routes that can only fail. */
export const NOTHING_THERE = { 404: z.undefined().describe('The resource does not exist') };

/** Answers of lists that are always empty here. */
export const LIST_OF_NOTHING = {
  200: z.record(z.string(), z.array(z.never())).meta({ id: 'EmptyList', description: 'An empty list, by its name' }),
};

export const STATES = {
  200: z
    .strictObject({
      provision_state: TEXT.describe('The value in Ironic, from the last task that had it'),
      power_state: z.null(),
      target_power_state: z.null(),
      target_provision_state: z.null(),
      provision_updated_at: z.null(),
      last_error: z.null(),
      console_enabled: z.boolean().describe('false'),
    })
    .meta({ id: 'NodeStates', description: 'The known states of the node' }),
};

export const VALIDATION = {
  200: z
    .record(
      z.string(),
      z.strictObject({
        result: SWITCH.describe('null: unknown to netprov'),
        reason: z.string().optional().describe('The reason if the result is false'),
      }),
    )
    .meta({ id: 'NodeValidation', description: 'Result of the validation for each Ironic interface of the node' }),
};

export const NOTHING = { 204: z.undefined().describe('Done') };

const BINDING = z
  .strictObject({
    id: z.int().describe('Its position in lists'),
    node_uuid: ID,
    node_name: TEXT,
    port_uuid: ID.nullable().describe('The bound port; null: a portgroup is bound'),
    portgroup_uuid: ID.nullable().describe('The bound portgroup; null: a port is bound'),
    neutron_port_id: ID,
    network_id: ID,
    network_type: z.enum(NETWORK_TYPES),
    network_provider: z
      .string()
      .describe('The network provider that made the binding; only this provider can remove it'),
    operation_id: z.string().describe('The operation that made the binding; its record may be deleted by now'),
    bound_at: TIME,
    host_id: z.string().describe('binding:host_id'),
    vnic_type: z.string().describe('binding:vnic_type'),
    vif_type: z.string().describe('binding:vif_type'),
    status: z.string().describe('Status of the Neutron port when the binding was made'),
    mac_address: z.string(),
    fixed_ips: z.array(z.strictObject({ subnet_id: z.string(), ip_address: z.string() })),
    profile: z.looseObject({}).describe('binding:profile'),
  })
  .meta({
    id: 'Binding',
    description: 'A current port binding: an Ironic port or portgroup, and its Neutron port',
  });

const SUMMARY = {
  id: z.string().describe('The _unique_id of its message'),
  kind: z.enum(['call', 'cast']),
  method: z.enum(METHOD_NAMES),
  network_type: NETWORK_TYPE.describe('The network type of the method; null: none'),
  network_provider: TEXT.describe('The network provider of the operation'),
  node_uuid: ID.nullable().describe('null: the request named no node'),
  conductor_host: TEXT.describe('The conductor host whose queue the request came from; null: the queue of any host'),
  request_id: TEXT.describe("The caller's request id"),
  status: z.enum(OPERATION_STATUSES),
  attempts: z
    .int()
    .describe('Number of attempts; 0 while the operation waits for Neutron or another dependency of its provider'),
  last_error: TEXT.describe(
    'While the operation runs: the reason of the last retry; afterwards: the reason of the failure',
  ),
  started_at: TIME,
  finished_at: TIME.nullable(),
};

const OPERATION_SUMMARY = z
  .strictObject(SUMMARY)
  .meta({ id: 'OperationSummary', description: 'One call or cast of a conductor, from receipt to outcome' });

export const OPERATION_LIST: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({ operations: z.array(OPERATION_SUMMARY), next: NEXT })
    .meta({ id: 'OperationList', description: 'A page of a list, newest first' }),
};

export const OPERATION: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      ...SUMMARY,
      result: z
        .looseObject({})
        .nullable()
        .describe('The result (see docs/wire-protocol.md); null while the operation runs'),
      standing: z.array(BINDING).describe('The current bindings that the operation made'),
      begun: z.int().describe('How often a worker began the operation and died or left it without an outcome'),
      tried_alone: z.int().describe('How many of these begins had no other operation running in the worker'),
      epoch: z.int().nullable().describe('The epoch of its queue when the operation ended'),
      owed_to: TEXT.describe('The queue whose owner still has to deliver the result; null: delivered, or a call'),
      content_type: TEXT.describe('The encoding of the request; null: JSON'),
    })
    .meta({ id: 'Operation', description: 'The whole record of an operation' }),
};

export const NETWORK: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      node_uuid: ID,
      network_provider: TEXT.describe("The node's network provider; null: the default of the workers"),
      network_type: NETWORK_TYPE.describe('null: the node is on no network'),
      since: TIME.nullable().describe('Time of the last change of the network; null: unknown'),
      operation_id: TEXT.describe('The operation that moved the node there'),
      bindings: z.array(BINDING),
    })
    .meta({ id: 'NodeNetwork', description: 'The current network of a node' }),
};

export const WHEREABOUTS: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      whereabouts: z.array(
        z
          .strictObject({
            node_uuid: ID,
            name: TEXT,
            network_provider: TEXT.describe("The node's network provider; null: the default of the workers"),
            conductor: TEXT.describe('The conductor host of its last operation'),
            provision_state: TEXT.describe('Its provision state in Ironic, from the last task that had it'),
            network_type: NETWORK_TYPE.describe('null: the node is on no network'),
            network_ids: z.array(ID).describe('The networks, that of the oldest binding first'),
            since: TIME.nullable().describe('When the oldest of its bindings was made; null: it has none'),
            latest: OPERATION_SUMMARY.nullable().describe(
              'The newest operation that is there to change something; null: none is on record, or the caller may not see it',
            ),
            differs: SWITCH.describe(
              'Whether Neutron differed from the record when they were last compared; null: not compared since the last change',
            ),
            differs_at: TIME.nullable().describe('When that was found; null: it does not differ'),
          })
          .meta({ id: 'Whereabouts', description: 'The networks that a node is on, and the last operation about it' }),
      ),
      next: NEXT,
    })
    .meta({ id: 'WhereaboutsList', description: 'A page of a list' }),
};

export const VIFS = {
  200: z
    .strictObject({ vifs: z.array(z.strictObject({ id: z.string().describe('UUID of the Neutron port') })) })
    .meta({ id: 'VifList', description: 'The attached VIFs' }),
};

export const SESSION: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      auth_strategy: z.enum(['keystone', 'http_basic', 'noauth']).describe('How callers of this API authenticate'),
      user: z
        .strictObject({ id: z.string(), name: TEXT })
        .nullable()
        .describe('Who is logged in; null: nobody, or auth_strategy is noauth'),
      project: z
        .strictObject({ id: z.string(), name: z.string(), domain_id: z.string() })
        .nullable()
        .describe('The project that the user acts for'),
      system: z.boolean().describe('Whether the user acts for the whole system'),
      roles: z.array(z.string()).describe('Names of the roles in the project or the system'),
      csrf: TEXT.describe('The value of the header X-CSRF-Token that each change needs; null: none is needed'),
      may: z
        .array(z.string())
        .describe('The policy rules that the user meets for every node. For its own nodes, a project may meet more'),
      expires_at: TIME.nullable().describe('When the session ends; null: it does not end, or there is none'),
    })
    .meta({ id: 'Session', description: 'Who is logged in at the console, and what that person may do' }),
};
