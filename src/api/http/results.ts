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
  .meta({ id: 'Link', description: 'Where something is' });
const NEXT = z.string().optional().describe('URL of the next page, where there may be one');

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
  shape['links'] = z.array(LINK).describe('Where it is');
  for (const { name, since } of children)
    shape[name] = optional(z.array(LINK).describe(`Where its ${name} are`), since);
  return z.strictObject(shape).meta({ id: title, description: about });
}

function optional(schema: z.ZodType, since: number): z.ZodType {
  return schema.optional().meta({ ...schema.meta(), 'x-since': `1.${since}` });
}

/** Schema of a page of items. */
function listResult<Row>({ name, title }: Resource<Row>, item: Answer): Answer {
  return z.strictObject({ [name]: z.array(item), next: NEXT }).meta({ id: `${title}List`, description: 'A page' });
}

/** Answers of routes that can only fail. */
export const NOTHING_THERE = { 404: z.undefined().describe('It is not there') };

/** Answers of lists that are always empty here. */
export const LIST_OF_NOTHING = {
  200: z.record(z.string(), z.array(z.never())).meta({ id: 'EmptyList', description: 'An empty list, by its name' }),
};

export const STATES = {
  200: z
    .strictObject({
      provision_state: TEXT.describe('In Ironic, of the last task that told it'),
      power_state: z.null(),
      target_power_state: z.null(),
      target_provision_state: z.null(),
      provision_updated_at: z.null(),
      last_error: z.null(),
      console_enabled: z.boolean().describe('false'),
    })
    .meta({ id: 'NodeStates', description: 'What is known here of its states' }),
};

export const VALIDATION = {
  200: z
    .record(
      z.string(),
      z.strictObject({
        result: SWITCH.describe('null: nothing is known of it here'),
        reason: z.string().optional().describe('Why it is not true'),
      }),
    )
    .meta({ id: 'NodeValidation', description: 'Of each interface of the node in Ironic, whether it is fit' }),
};

export const NOTHING = { 204: z.undefined().describe('Done') };

const BINDING = z
  .strictObject({
    id: z.int().describe('Its place in lists'),
    node_uuid: ID,
    node_name: TEXT,
    port_uuid: ID.nullable().describe('The port that is bound; null: a portgroup is'),
    portgroup_uuid: ID.nullable().describe('The portgroup that is bound; null: a port is'),
    neutron_port_id: ID,
    network_id: ID,
    network_type: z.enum(NETWORK_TYPES),
    network_provider: z.string().describe('What made it, and alone can take it away'),
    operation_id: z.string().describe('The operation that made it; it may have been forgotten since'),
    bound_at: TIME,
    host_id: z.string().describe('binding:host_id'),
    vnic_type: z.string().describe('binding:vnic_type'),
    vif_type: z.string().describe('binding:vif_type'),
    status: z.string().describe('Of the Neutron port, when it was made'),
    mac_address: z.string(),
    fixed_ips: z.array(z.strictObject({ subnet_id: z.string(), ip_address: z.string() })),
    profile: z.looseObject({}).describe('binding:profile'),
  })
  .meta({
    id: 'Binding',
    description: 'A port binding that stands: an Ironic port or portgroup, and its Neutron port',
  });

const SUMMARY = {
  id: z.string().describe('The _unique_id of its message'),
  kind: z.enum(['call', 'cast']),
  method: z.enum(METHOD_NAMES),
  network_type: NETWORK_TYPE.describe('The type of network that the method is about; null: none'),
  network_provider: TEXT.describe('What does it, or did it'),
  node_uuid: ID.nullable().describe('null: the request named no node'),
  conductor_host: TEXT.describe('The conductor host whose queue the request came from; null: that of any host'),
  request_id: TEXT.describe('The request id of whoever asked'),
  status: z.enum(OPERATION_STATUSES),
  attempts: z.int().describe('How often it was begun; 0 while it waits for what its provider cannot do without'),
  last_error: TEXT.describe('While it runs, why it is tried again; then, why it failed'),
  started_at: TIME,
  finished_at: TIME.nullable(),
};

const OPERATION_SUMMARY = z
  .strictObject(SUMMARY)
  .meta({ id: 'OperationSummary', description: 'One call or cast of a conductor, from receipt to outcome' });

export const OPERATION_LIST: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({ operations: z.array(OPERATION_SUMMARY), next: NEXT })
    .meta({ id: 'OperationList', description: 'A page, the newest first' }),
};

export const OPERATION: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      ...SUMMARY,
      result: z.looseObject({}).nullable().describe('What was answered: docs/wire-protocol.md; null while it runs'),
      standing: z.array(BINDING).describe('The bindings that it made and that stand still'),
      begun: z.int().describe('How often a worker began it and did not come back to say how it went'),
      tried_alone: z.int().describe('How often that was while nothing else ran in the worker'),
      epoch: z.int().nullable().describe('Under which epoch of its queue it ended'),
      owed_to: TEXT.describe('The queue whose owner owes the result to whoever listens; null: delivered, or a call'),
      content_type: TEXT.describe('The encoding of the request; null: JSON'),
    })
    .meta({ id: 'Operation', description: 'All that is on record of an operation' }),
};

export const NETWORK: { 200: z.ZodType<object> } = {
  200: z
    .strictObject({
      node_uuid: ID,
      network_provider: TEXT.describe("The node's; null: the default of the workers"),
      network_type: NETWORK_TYPE.describe('null: it is on none'),
      since: TIME.nullable().describe('Since when; null: nothing on record tells'),
      operation_id: TEXT.describe('The operation that brought it there'),
      bindings: z.array(BINDING),
    })
    .meta({ id: 'NodeNetwork', description: 'On which network a node is' }),
};

export const VIFS = {
  200: z
    .strictObject({ vifs: z.array(z.strictObject({ id: z.string().describe('UUID of the Neutron port') })) })
    .meta({ id: 'VifList', description: 'The VIFs that are attached' }),
};
