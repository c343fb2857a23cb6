import { violationsIn } from '../../../chaos/checks/all.js';
import type {
  BindingRow,
  Evidence,
  LogLine,
  OperationRow,
  SentCast,
  SentLetter,
  WrittenOutcome,
} from '../../../chaos/evidence.js';
import type { DoneFault } from '../../../chaos/faults/injector.js';
import type { SeenLetter, SeenResult } from '../../../chaos/place/results-queue.js';
import { PLUGIN } from '../../../chaos/plan/answers.js';
import { drawPlan } from '../../../chaos/plan/plan.js';
import type { PlannedCast, PlannedNode } from '../../../chaos/plan/types.js';
import type { OperationResult } from '../../../src/contract/types.js';
import type { NeutronPort } from '../../../src/neutron/resources.js';
import { makeBinding } from '../../../testkit/fixtures/tasks.js';

/** A second of a run whose promise was kept, made up from its plan: what a test changes in it is the only thing wrong. */
export interface MadeUp extends Evidence {
  casts: Map<string, SentCast>;
  letters: Map<string, SentLetter>;
  operations: OperationRow[];
  written: WrittenOutcome[];
  bindings: BindingRow[];
  results: SeenResult[];
  deadLetters: SeenLetter[];
  ports: NeutronPort[];
  logs: LogLine[];
  faults: DoneFault[];
}

const BEGIN = Date.UTC(2026, 0, 1);
export const NETWORKS = { cleaning: 'net-cleaning', provisioning: 'net-provisioning', tenant: 'net-tenant' };
export const SECRET = 'hunter2hunter2';

export function keptPromise(): MadeUp {
  const plan = drawPlan({ seed: 11, seconds: 20, casts: 400, poison: 1, faults: 0, kinds: [] });
  const nodes = new Map(plan.nodes.map((node) => [node.uuid, node]));
  const evidence: MadeUp = {
    plan,
    networks: NETWORKS,
    vifs: new Map(plan.nodes.flatMap(({ provider, nics }) => (provider === 'neutron' ? nics : [])).map(vifOf)),
    casts: new Map(),
    letters: new Map(plan.letters.map(({ id }) => [id, { confirmed: true, repeats: 0 }])),
    operations: [],
    written: [],
    bindings: [],
    results: [],
    deadLetters: plan.letters.map(({ id, reason }) => ({
      headers: { 'chaos-letter': id, 'netprov-reason': reason, 'netprov-attempts': 1 },
      body: '',
    })),
    ports: [],
    logs: [{ worker: 'worker-0', text: '{"message":"the worker is ready"}' }],
    secrets: [{ what: "RabbitMQ's password", value: SECRET }],
    faults: [],
    takeovers: 0,
  };
  for (const cast of plan.casts) addOutcome(evidence, cast, nodes.get(cast.node));
  addPorts(evidence, plan.nodes);
  return evidence;
}

function vifOf({ uuid }: { uuid: string }): [string, string] {
  return [uuid, `vif-${uuid}`];
}

function addOutcome(evidence: MadeUp, cast: PlannedCast, node: PlannedNode | undefined): void {
  const { requestId, at } = cast;
  const time = BEGIN + at;
  const result = resultOf(cast, node);
  const id = result.operation_id;
  evidence.casts.set(requestId, { sent: time, confirmed: time + 1, repeats: 0 });
  evidence.operations.push({
    id,
    request_id: requestId,
    node_uuid: cast.node,
    method: cast.method,
    status: result.status,
    attempts: 1,
    last_error: null,
    result,
    started_at: new Date(time + 2),
    finished_at: new Date(time + 3),
  });
  if (cast.expected.letter !== null) {
    const headers = { 'netprov-operation-id': id, 'netprov-reason': cast.expected.letter, 'netprov-attempts': 1 };
    evidence.deadLetters.push({ headers, body: '' });
  }
  evidence.written.push({ seq: evidence.written.length + 1, operation_id: id, written_at: new Date(time + 3) });
  evidence.results.push({ requestId, operationId: id, result: resultOnWire(result) });
}

/** A binding names its port and no portgroup on the wire. */
function resultOnWire(result: OperationResult): unknown {
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (key === 'portgroup_uuid' ? undefined : value)));
}

function resultOf({ requestId, node, method, expected }: PlannedCast, of: PlannedNode | undefined): OperationResult {
  const type = (['cleaning', 'provisioning', 'tenant'] as const).find((kind) => method.includes(kind)) ?? null;
  const bound = expected.bound ?? [];
  return {
    operation_id: `op-${requestId}`,
    node_uuid: node,
    method,
    network_provider: of?.provider ?? '',
    network_type: type,
    status: expected.status,
    bindings: bound.map((port) =>
      makeBinding({
        port_uuid: port,
        neutron_port_id: `${type === 'tenant' ? 'vif' : (type ?? '')}-${port}`,
        network_id: NETWORKS[type ?? 'tenant'],
        host_id: node,
        mac_address: of?.nics.find(({ uuid }) => uuid === port)?.address ?? '',
      }),
    ),
    failures: [],
    warnings: [],
    ...(expected.vifs && {
      vifs: Object.entries(expected.vifs).map(([port, id]) => ({ id, port_uuid: port, portgroup_uuid: null })),
    }),
    error: expected.error === null ? null : { class: expected.error, module: 'ironic.common.exception', message: '' },
  };
}

/** Neutron's ports and the rows of port_bindings, from the last outcome of each type of network. */
function addPorts(evidence: MadeUp, nodes: readonly PlannedNode[]): void {
  for (const { uuid, nics, provider } of nodes) {
    const last = new Map<string, OperationResult>();
    for (const { node_uuid: node, result } of evidence.operations) {
      if (node === uuid && result?.network_type != null) last.set(result.network_type, result);
    }
    for (const [type, { bindings }] of last) {
      for (const { neutron_port_id: id, network_id, mac_address } of bindings) {
        evidence.bindings.push({ node_uuid: uuid, network_type: type, neutron_port_id: id });
        // The plug-in has no Neutron.
        if (provider === PLUGIN) continue;
        evidence.ports.push(makePort({ id, network_id, mac_address, 'binding:host_id': uuid, device_id: uuid }));
      }
    }
    for (const nic of nics) {
      const vif = evidence.vifs.get(nic.uuid);
      if (vif === undefined || evidence.ports.some(({ id }) => id === vif)) continue;
      evidence.ports.push(makePort({ id: vif, network_id: NETWORKS.tenant, 'binding:host_id': '', status: 'DOWN' }));
    }
  }
}

export function makePort(fields: Partial<NeutronPort>): NeutronPort {
  const port: Partial<NeutronPort> = { status: 'ACTIVE', mac_address: 'fa:16:3e:00:00:01', device_id: '', ...fields };
  return port as NeutronPort;
}

/** The node of provider neutron whose outcomes say that it is bound in the end. */
export function boundNode({ plan, ports }: MadeUp): PlannedNode {
  const node = plan.nodes.find(({ uuid }) => ports.some((port) => port['binding:host_id'] === uuid));
  if (node === undefined) throw new Error('the made-up run ends with no node bound: take another seed');
  return node;
}

/** What the checks find, as "check: detail". */
export function found(evidence: Evidence): string[] {
  return violationsIn(evidence).map(({ check, detail }) => `${check}: ${detail}`);
}
