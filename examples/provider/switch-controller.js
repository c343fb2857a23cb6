// @ts-check
/* global AbortSignal, fetch, URL */
/**
 * A network provider for a site that configures its switches by a controller of its own, over HTTP, and not by Neutron.
 * Copy it, and put your controller's requests in the place of these:
 *
 *     PUT    /attachments/{id}  {node, network, switch_id, port_id}  plugs a switch port into a network
 *     GET    /attachments/{id}                                       how far that is
 *     DELETE /attachments/{id}                                       unplugs it; 404 when it is not plugged in
 *
 * The first two answer with {network_id, state}, where state is pending, active or error. A switch port that has another
 * attachment is answered with 409. On a tenant's network, the network is the id of the VIF.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

import { InvalidParameterValue, MissingParameterValue, NetworkError, TransientError } from 'ironic-network-provider';

/**
 * @import { NetworkType, Port, PortBinding, ProviderContext, ProviderFactory, ProviderOutcome, ProviderServices } from 'ironic-network-provider'
 * @typedef {{ port: Port, id: string, switch_id: string, port_id: string, network: string }} Cable
 * @typedef {(context: ProviderContext) => Promise<ProviderOutcome>} Method
 */

/** Milliseconds. The second is for a switch port to become active. */
const REQUEST_TIMEOUT = 10_000;
const ACTIVE_TIMEOUT = 30_000;
const POLL_INTERVAL = 250;
/** Bytes. */
const MAX_ANSWER = 65_536;

/** @type {ProviderFactory} */
export default function createSwitchControllerProvider({ options }) {
  const controller = process.env['SWITCH_CONTROLLER_URL'];
  // Said when a node needs the provider for the first time, in the result of its operation.
  if (!controller) throw new Error('the environment variable SWITCH_CONTROLLER_URL is not set');

  /** @type {(type: NetworkType) => Method} */
  const add = (type) => (context) => {
    refuseBeside(type, context);
    return plugAll(controller, cablesFor(type, context, options), context);
  };
  /** @type {(type: NetworkType) => Method} */
  const remove = (type) => (context) => unplugAll(controller, type, context);

  return {
    add_provisioning_network: add('provisioning'),
    remove_provisioning_network: remove('provisioning'),
    add_cleaning_network: add('cleaning'),
    remove_cleaning_network: remove('cleaning'),
    configure_tenant_networks: add('tenant'),
    unconfigure_tenant_networks: remove('tenant'),
    // Further methods are optional. One that is not here is refused with UnsupportedDriverExtension.
    add_rescuing_network: add('rescuing'),
    remove_rescuing_network: remove('rescuing'),
    validate: (context) => {
      cablesFor(context.args.network_type ?? 'provisioning', context, options);
      return Promise.resolve({});
    },
    need_power_on: () => Promise.resolve({ need_power_on: false }),
  };
}

/**
 * A node is never on a tenant's network and on one of Ironic's own at once.
 *
 * @type {(type: NetworkType, context: ProviderContext) => void}
 */
function refuseBeside(type, { task, recorded }) {
  const other = recorded.find((binding) => (binding.network_type === 'tenant') !== (type === 'tenant'));
  if (other === undefined) return;
  throw new NetworkError(`node ${task.node.uuid} is still on its ${other.network_type} network: remove it first`);
}

/**
 * Which switch ports go into which networks. Throws before anything is changed.
 *
 * @type {(type: NetworkType, context: ProviderContext, options: ProviderServices['options']) => Cable[]}
 */
function cablesFor(type, { task }, options) {
  const { uuid, driver_info: driverInfo } = task.node;
  const network = type === 'tenant' ? null : (driverInfo[`${type}_network`] ?? options[`${type}_network`]);
  if (type !== 'tenant' && !network) {
    throw new MissingParameterValue(`${type}_network is not set: name one of the controller's networks`);
  }
  const vifOf = (/** @type {Port} */ port) => {
    const portgroup = task.portgroups.find((group) => group.uuid === port.portgroup_uuid);
    return (portgroup ?? port).internal_info['tenant_vif_port_id'];
  };
  const ports = task.ports.filter((port) => (type === 'tenant' ? vifOf(port) : port.pxe_enabled !== false));
  if (ports.length === 0) throw new NetworkError(`node ${uuid} has no port for its ${type} network`);
  return ports.map((port) => {
    const { switch_id, port_id } = port.local_link_connection;
    if (typeof switch_id !== 'string' || typeof port_id !== 'string') {
      throw new InvalidParameterValue(`port ${port.uuid}: local_link_connection must have switch_id and port_id`);
    }
    return {
      port,
      id: attachmentId(type, uuid, port.uuid),
      switch_id,
      port_id,
      network: String(network ?? vifOf(port)),
    };
  });
}

/**
 * The same each time: a repeat of the operation, after a crash too, finds what it did before. What is on record as
 * neutron_port_id has the form of a UUID.
 *
 * @type {(type: NetworkType, node: string, port: string) => string}
 */
function attachmentId(type, node, port) {
  const digest = createHash('sha256').update(`${type} ${node} ${port}`).digest('hex');
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ].join('-');
}

/**
 * Plugs all in, side by side, or none.
 *
 * @type {(controller: string, cables: Cable[], context: ProviderContext) => Promise<ProviderOutcome>}
 */
async function plugAll(controller, cables, context) {
  const results = await Promise.allSettled(cables.map((cable) => plug(controller, cable, context)));
  // When the operation is no longer ours, another worker has it, and must not be interfered with.
  context.signal.throwIfAborted();
  const bindings = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (faults.length === 0) return { bindings, failures: [] };
  await Promise.allSettled(cables.map(({ id }) => ask(controller, 'DELETE', id, context)));
  // The whole operation is tried again when one of them may pass.
  throw faults.find((fault) => fault instanceof TransientError) ?? faults[0];
}

/** @type {(controller: string, cable: Cable, context: ProviderContext) => Promise<PortBinding>} */
async function plug(controller, { port, id, ...where }, context) {
  const { signal, task, log } = context;
  let attachment = await ask(controller, 'PUT', id, context, { node: task.node.uuid, ...where });
  // An answer is no proof: the switch may still refuse.
  const deadline = Date.now() + ACTIVE_TIMEOUT;
  while (attachment?.state === 'pending' && Date.now() < deadline) {
    await pause(POLL_INTERVAL, undefined, { signal });
    attachment = await ask(controller, 'GET', id, context);
  }
  if (attachment?.state !== 'active') {
    const state = attachment?.state ?? 'gone';
    throw new NetworkError(
      `port ${port.uuid}: switch port ${where.port_id} of ${where.switch_id} is ${state}, not active`,
    );
  }
  log.info('switch port plugged in', { port: port.uuid, attachment: id });
  return {
    port_uuid: port.uuid,
    portgroup_uuid: null,
    neutron_port_id: id,
    network_id: attachment.network_id,
    host_id: task.node.uuid,
    vnic_type: 'baremetal',
    vif_type: 'other',
    status: 'ACTIVE',
    mac_address: port.address,
    fixed_ips: [],
    profile: { local_link_information: [port.local_link_connection] },
  };
}

/**
 * Unplugs what is on record, and what a repeat would find: ports may have come and gone since.
 *
 * @type {(controller: string, type: NetworkType, context: ProviderContext) => Promise<ProviderOutcome>}
 */
async function unplugAll(controller, type, context) {
  const { task, recorded } = context;
  const ids = new Set([
    ...recorded.filter((binding) => binding.network_type === type).map((binding) => binding.neutron_port_id),
    ...task.ports.map((port) => attachmentId(type, task.node.uuid, port.uuid)),
  ]);
  await Promise.all([...ids].map((id) => ask(controller, 'DELETE', id, context)));
  return { bindings: [], failures: [] };
}

/**
 * One request; null when the controller does not know the attachment. Every request can be repeated.
 *
 * @type {(controller: string, method: string, id: string, context: ProviderContext, body?: object) => Promise<{ network_id: string, state: string } | null>}
 */
async function ask(controller, method, id, { signal, requestId }, body) {
  const what = `${method} /attachments/${id}`;
  let status, text;
  try {
    const response = await fetch(new URL(`attachments/${id}`, `${controller.replace(/\/*$/, '')}/`), {
      method,
      headers: { 'content-type': 'application/json', ...(requestId && { 'x-openstack-request-id': requestId }) },
      // Stops with the operation, and does not wait for ever.
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT)]),
      ...(body && { body: JSON.stringify(body) }),
    });
    status = response.status;
    text = await textOf(response);
  } catch (error) {
    signal.throwIfAborted();
    throw new TransientError(`${what} to the switch controller failed: ${error}`, { cause: error });
  }
  if (status === 404) return null;
  if (status === 429 || status >= 500) throw new TransientError(`${what}: the switch controller answered ${status}`);
  if (status >= 400)
    throw new NetworkError(`${what}: the switch controller refused with ${status}: ${text.slice(0, 200)}`);
  return text === '' ? null : JSON.parse(text);
}

/** @type {(response: Response) => Promise<string>} */
async function textOf({ body }) {
  const chunks = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error(`the answer has more than ${MAX_ANSWER} bytes`);
  }
  return Buffer.concat(chunks).toString();
}
