/** How netprov ends after an error: services/errors.ts has the exit code and the description of each. */
type ErrorExit = 'failed' | 'usage' | 'unreachable' | 'schemaBehind';

interface ErrorDescription {
  exit: ErrorExit;
  /** What happened, and what to do about it. */
  meaning: string;
}

const failed = (meaning: string): ErrorDescription => ({ exit: 'failed', meaning });
const usage = (meaning: string): ErrorDescription => ({ exit: 'usage', meaning });
const unreachable = (meaning: string): ErrorDescription => ({ exit: 'unreachable', meaning });

const described = <Code extends string>(codes: Record<Code, ErrorDescription>) => codes;

/** The services of OpenStack that this program asks. */
export type ServiceName = 'neutron' | 'ironic' | 'keystone';

/** What can go wrong with a request to a service of OpenStack. */
export type RequestFault = 'unreachable' | 'timeout' | 'refused' | 'auth' | 'invalid' | 'unusable';

/** The codes of failed requests to a service. @param timeouts the options that limit how long it may take */
function requestCodes<Service extends ServiceName>(
  service: Service,
  { name, timeouts }: { name: string; timeouts: string },
): Record<`${Service}_${RequestFault}`, ErrorDescription> {
  const meanings: Record<RequestFault, string> = {
    unreachable:
      `${name} gave no answer: the name was not found, the connection was refused or cut, or the certificate was ` +
      'refused. Start the server; check the URL and the certificate authority.',
    timeout: `${name} took longer than ${timeouts}. Check its load.`,
    refused: `${name} answered with an HTTP error. The error has the status; the message is the server's.`,
    auth:
      'Keystone refused the credentials, or its catalog has no such endpoint. Correct the options that the message ' +
      'names.',
    invalid:
      'The request cannot be sent, because of its URL, a header or its body. Correct what the message names: an ' +
      'endpoint, or the data in the cast.',
    unusable:
      'The answer is not what the API promises. Check which server listens at the URL, and the role of the credentials.',
  };
  const codes = Object.entries(meanings).map(([fault, meaning]) => [`${service}_${fault}`, failed(meaning)]);
  return Object.fromEntries(codes) as Record<`${Service}_${RequestFault}`, ErrorDescription>;
}

/**
 * Every code that an error of this program can have. A code stays the same even when the sentence of the message
 * changes. docs/errors.md is made from this table.
 */
export const ERROR_CODES = described({
  // Arguments, configuration and files.
  configuration: usage('The configuration is unusable. The message has a line for each wrong option; correct them.'),
  usage: usage('The arguments of a command are unusable. The message names the argument and the remedy.'),
  invalid_transport_url: usage('transport_url is not a valid URL of RabbitMQ. Correct it.'),
  tls_file: usage('A file of option ssl is unusable. The message names the option and the file.'),
  stopped_by_fault: failed(
    'A service stopped because of a bug. Please report it, with the log line that has its stack.',
  ),

  // RabbitMQ.
  undeliverable: unreachable(
    'RabbitMQ has no queue or exchange for the message, so the message was not stored. Start the worker that owns the ' +
      'queue, or declare the queue with netprov topology declare.',
  ),
  unsendable: failed(
    'AMQP cannot encode the message, for example because its headers have more than 64 kB. Nothing was sent, and a ' +
      'retry cannot help. The sender must send less.',
  ),
  connection_lost: unreachable(
    'The connection to RabbitMQ was lost, or RabbitMQ did not confirm a message. The message may or may not have ' +
      'arrived. Check RabbitMQ and the network; repeat what is safe to repeat.',
  ),
  topology_mismatch: usage(
    'A queue or exchange already exists with other properties. Nothing was changed on RabbitMQ. Follow the remedy in ' +
      'the message.',
  ),
  management_failed: unreachable('The management API of RabbitMQ did not answer, or not as RabbitMQ does.'),
  no_dead_letter_queue: usage('The dead-letter queue does not exist. Correct the options, or start a worker.'),
  no_journal: usage('The journal does not exist. Correct the options, or start a worker with journal.enabled.'),
  too_many_entries: usage('The range of the journal has more entries than one plan can hold. Give a later --from.'),

  // RPC.
  no_worker: unreachable('No worker consumes the queue of a call. Nothing was sent. Start a worker.'),
  timeout: unreachable('No reply to a call, or no heartbeat, came in time. The operation may still be running.'),
  version_cap: failed(
    'The method needs a newer version of the interface than the version cap of the client allows. Nothing was sent. ' +
      'Raise the cap when all workers have the version.',
  ),
  remote_error: failed("The worker raised an exception. The error has the exception's Python class and module."),
  no_such_method: failed('The interface has no method of this name.'),
  unsupported_version: failed('No worker of this version serves the requested version of the interface.'),
  too_large: failed('The body is larger than rpc.max_message_bytes.'),
  not_json: failed('The body is not JSON.'),
  not_protobuf: failed('The content type is protobuf, but the body is not the expected protobuf message.'),
  bad_envelope: failed('The body is JSON, but not an envelope of oslo.messaging.'),
  unsupported_envelope: failed('The envelope has a version that this program cannot open.'),
  bad_request: failed('The envelope holds no valid request or reply.'),

  // The services of OpenStack, and Keystone on their behalf.
  ...requestCodes('neutron', {
    name: 'Neutron',
    timeouts: 'neutron.timeout, or than neutron.change_timeout for a change',
  }),
  ...requestCodes('ironic', { name: 'Ironic', timeouts: 'ironic.timeout' }),
  ...requestCodes('keystone', { name: 'Keystone', timeouts: 'keystone_authtoken.http_connect_timeout' }),
  no_free_connection: failed('All connections to a server were busy for longer than the timeout.'),
  http_status: failed('A trace records an HTTP error status as this error.'),
  reconcile_failed: unreachable(
    'netprov reconcile could not read Neutron or Ironic. Nothing was changed without --fix.',
  ),
  adoption_failed: unreachable(
    'netprov adopt could not read Ironic or Neutron. What it has already put on record stays. Run it again.',
  ),

  // The database.
  database_unreachable: unreachable(
    'The database cannot be reached, or the connection was lost. Start it, or correct database.connection.',
  ),
  schema_behind: { exit: 'schemaBehind', meaning: 'The schema lacks migrations. Run netprov db upgrade.' },
  schema_busy: failed('Another netprov changes the schema, and has not ended in time. Try again later.'),
  database_refused: failed('The database refused a statement. The worker tries it again.'),
  row_too_large: failed(
    'The database would refuse even a statement with only this row. Shorten the value that the message names, or raise ' +
      'max_allowed_packet of the server.',
  ),
  marker_not_found: usage('The marker of a page is not in the database. Start the list again, without a marker.'),
  vif_held: failed('Another node has the VIF. The transaction of the claim is rolled back.'),
  node_changed: failed('An operator changed the node after it was looked up. The worker begins the operation again.'),

  // Who acts for a queue.
  epoch_lost: failed('Another worker became the owner of the queue, so a commit was refused. Nothing was stored.'),
  lease_lapsed: failed('The lease on a queue could not be confirmed in time. Requests to Neutron are aborted.'),
  abandoned: failed("The worker does not begin or continue an operation. The message goes to the queue's next owner."),

  // The REST API, and what operators change.
  api_error: failed('The REST API answers with an HTTP error. The error has the status.'),
  authentication_refused: failed('The credentials of an API request are missing, wrong or unreadable.'),
  refused: failed(
    "An operator's change is refused, and nothing was changed. The message names the field, the value and the remedy.",
  ),

  // The end of an operation.
  transient: failed('A fault that may pass. The worker retries the operation until its deadline.'),
  ironic_error: usage('A permanent error with a name of Ironic that is not listed here.'),
  network_error: usage('Neutron refused what the node needs, or could not do it.'),
  invalid_parameter_value: usage('A field, option or argument has a value that cannot be used.'),
  missing_parameter_value: usage('A required field, option or argument is missing.'),
  node_not_found: usage('The request names the node only by node_id, and no earlier task described the node.'),
  vif_already_attached: usage("The VIF is already attached to one of the node's ports or portgroups."),
  vif_not_attached: usage("The VIF is attached to none of the node's ports or portgroups."),
  vif_invalid_for_attach: usage('The VIF cannot be attached to this node at all.'),
  no_free_physical_ports: usage('No port or portgroup of the node is free for the VIF and on its physical network.'),
  portgroup_physnet_inconsistent: usage('The members of a portgroup are on different physical networks.'),
  conflict: usage('The change conflicts with the attached VIF.'),
  failed_to_update_mac_on_port: usage("Neutron refused a VIF's new MAC address."),
  failed_to_update_dhcp_opt_on_port: usage('Neutron refused DHCP options.'),
  unsupported_driver_extension: usage("The node's network provider does not have the method. Nothing was done."),
});

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * Base of all errors of this program. Errors of Node.js, of libraries and of plug-ins have other classes.
 *
 * The name is that of the class, as it is printed.
 */
export abstract class NetprovError extends Error {
  /** Which error it is, for programs. ERROR_CODES has the meaning. */
  abstract readonly code: ErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
