import { type MethodArguments, NO_ARGUMENTS } from '../../src/contract/arguments.js';
import type { Port, Task, VifInfo } from '../../src/contract/types.js';
import { withVifs } from '../../src/contract/vifs.js';
import type { ProviderContext, ProviderOutcome, RecordedBinding } from '../../src/providers/provider.js';
import type { ProviderFixture } from './provider-fixture.js';
import { makePort, makeTask, record } from './tasks.js';

type Given = Pick<ProviderContext, 'args'>;

/** A node with one NIC. */
export function oneNic(port: Partial<Port> = {}): Task {
  return makeTask({ ports: [makePort(port)] });
}

/** The node in use. */
export function active(task: Task): Task {
  return { ...task, node: { ...task.node, provision_state: 'active' } };
}

/** What a method is given beside its task. */
export function given(args: Partial<MethodArguments>): Given {
  return { args: { ...NO_ARGUMENTS, ...args } };
}

/** The arguments of vif_attach. */
export function toAttach(id: string, named: Partial<VifInfo> = {}): Given {
  return given({ vif_info: { id, port_uuid: null, portgroup_uuid: null, project_id: null, ...named } });
}

/** The arguments of vif_detach. */
export function toDetach(id: string): Given {
  return given({ vif_id: id });
}

/** The task as it is on record after vif_attach or vif_detach. */
export function taskAfter(task: Task, { vifs }: ProviderOutcome): Task {
  return withVifs(task, vifs ?? []);
}

/** A node with one NIC whose VIF is bound, and what is then on record. */
export async function boundNode(f: ProviderFixture): Promise<{ task: Task; port: Port; recorded: RecordedBinding[] }> {
  const task = await f.alive(await f.attachVifs(oneNic()));
  const { bindings } = await f.run('configure_tenant_networks', task);
  f.proxy.reset();
  return { task, port: task.ports[0] ?? makePort(), recorded: record('tenant', bindings) };
}
