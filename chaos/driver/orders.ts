import { ANSWER_KEY, PLUGIN } from '../plan/answers.js';
import type { LetterKindName } from '../plan/letters.js';
import type { Plan, PlannedCast, PlannedNode } from '../plan/types.js';

/** An order to send a cast: one line of a driver's input. The format is the same for the driver written in Python. */
export interface CastOrder {
  kind: 'cast';
  requestId: string;
  node: string;
  host: string;
  at: number;
  method: string;
  args: Record<string, unknown>;
  copies: number;
  replay: number | null;
}

/** An order to send a message that cannot become an operation. */
export interface LetterOrder {
  kind: 'letter';
  id: string;
  host: string;
  at: number;
  letter: LetterKindName;
}

export type Order = CastOrder | LetterOrder;

/** One line of a driver's output. */
export interface DriverNews {
  /** confirmed: RabbitMQ has accepted it. repeated: it was sent again, on purpose or because no confirm came. */
  event: 'sent' | 'confirmed' | 'repeated' | 'replayed';
  /** The request id of the cast, or the id of the letter. */
  id: string;
  /** Time of the event in milliseconds since the epoch. */
  time: number;
}

/** Secrets that must appear nowhere. Each cast has them in those places where a conductor's requests have secrets. */
export interface PlantedSecrets {
  /** The token in the RPC context. */
  token: string;
  /** The password in the node's driver_info. */
  password: string;
}

/** The orders of each driver, sorted by time. */
export function ordersOf(
  plan: Plan,
  vifs: ReadonlyMap<string, string>,
  secrets: PlantedSecrets,
): Record<PlannedNode['client'], Order[]> {
  const nodes = new Map(plan.nodes.map((node) => [node.uuid, node]));
  const orders: Record<PlannedNode['client'], Order[]> = { python: [], amqplib: [] };
  for (const cast of plan.casts) {
    const node = nodes.get(cast.node);
    if (node === undefined) throw new Error(`the plan has a cast for node ${cast.node}, which it does not have`);
    const { requestId, at, method, copies, replay } = cast;
    const task = taskOf(node, cast, vifs, secrets);
    const args = { task, ...cast.args };
    orders[node.client].push({
      kind: 'cast',
      requestId,
      node: node.uuid,
      host: node.host,
      at,
      method,
      args,
      copies,
      replay,
    });
  }
  const letters = plan.letters.map(({ id, host, at, kind }): LetterOrder => ({
    kind: 'letter',
    id,
    host,
    at,
    letter: kind,
  }));
  orders.amqplib = [...orders.amqplib, ...letters].sort((one, other) => one.at - other.at);
  return orders;
}

function taskOf(
  node: PlannedNode,
  { withVifs, answer }: PlannedCast,
  vifs: ReadonlyMap<string, string>,
  { password }: PlantedSecrets,
): object {
  return {
    node: {
      uuid: node.uuid,
      name: node.name,
      network_provider: node.provider,
      instance_uuid: null,
      driver_info: { ipmi_address: '192.0.2.1', ipmi_password: password },
      instance_info: node.provider === PLUGIN ? { [ANSWER_KEY]: answer } : {},
    },
    ports: node.nics.map(({ uuid, address }, index) => ({
      uuid,
      address,
      pxe_enabled: true,
      physical_network: 'physnet1',
      local_link_connection: { switch_id: '00:1c:73:00:00:01', port_id: `Ethernet${index}`, switch_info: node.name },
      internal_info: withVifs ? { tenant_vif_port_id: vifs.get(uuid) ?? null } : {},
      extra: {},
    })),
    portgroups: [],
  };
}
