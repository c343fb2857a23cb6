import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { NO_ARGUMENTS, readArguments } from '../../src/contract/arguments.js';
import * as errors from '../../src/contract/errors.js';
import { answerOf, METHOD_NAMES, type MethodName, METHODS } from '../../src/contract/methods.js';
import { readTask } from '../../src/contract/task.js';
import type { OperationResult } from '../../src/contract/types.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { Netprov } from '../../testkit/servers/netprov.js';
import { PythonScript } from '../../testkit/servers/python.js';

const HOST = 'conductor-1';
const FURTHER = METHOD_NAMES.filter((method) => METHODS[method].since === '1.1');
const ECHO = fileURLToPath(new URL('../../testkit/fakes/echo-provider.js', import.meta.url));

type Args = Record<string, unknown>;
interface Raised {
  class: string;
  bases: string[];
  code: number | null;
  message: string;
}

/** A node with a LAG, and what the methods take beside it. */
function conductorsTask(node: Args = {}): {
  task: ReturnType<typeof sampleTask>;
  of: Partial<Record<MethodName, Args>>;
} {
  const group = { uuid: samplePort().uuid, name: 'bond0', address: samplePort().address, mode: '802.3ad' };
  const ports = [samplePort({ portgroup_uuid: group.uuid }), samplePort({ portgroup_uuid: group.uuid })];
  const vif = samplePort().uuid;
  const of = {
    validate: { network_type: 'inspection' },
    vif_attach: { vif_info: { id: vif, portgroup_uuid: group.uuid } },
    vif_detach: { vif_id: vif },
    get_current_vif: { portgroup_uuid: group.uuid },
    port_changed: { port_obj: { ...ports[1], address: samplePort().address } },
    portgroup_changed: { portgroup_obj: { ...group, address: samplePort().address } },
    update_dhcp_options: {
      options: [
        { opt_name: '67', opt_value: 'bootx64.efi', ip_version: 4 },
        { opt_name: 'bootfile-name', opt_value: null, ip_version: 6 },
      ],
    },
  };
  const full = { provision_state: 'active', boot_interface: 'ipxe', network_data: {}, ...node };
  return { task: { ...sampleTask(full), ports, portgroups: [group] }, of };
}

describe('a conductor and the methods of version 1.1', () => {
  let fixture: WorkerFixture;
  let worker: Netprov;
  let conductor: PythonScript;

  before(async () => {
    fixture = await WorkerFixture.create();
    worker = new Netprov(['worker', '--host', HOST], {
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_PROVIDERS: `{echo: "${ECHO}"}`,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'echo',
      NETPROV_HEALTH_PORT: '0',
    });
    await worker.says('the worker is ready');
    conductor = new PythonScript('ironic_conductor.py', {
      transport_url: fixture.broker.url(),
      exchange: EXCHANGE,
      topic: TOPIC,
      host: HOST,
      allowed_remote_exmods: ['ironic.common.exception', 'oslo_messaging.rpc.dispatcher'],
    });
    expect(await conductor.next()).to.deep.equal({ ready: true });
  });
  after(async () => {
    await conductor.stop();
    await worker.stop();
    await fixture.drop();
  });

  const raised = async (request: Args): Promise<Raised> => {
    const answer = await conductor.ask({ do: 'call', version: '1.1', ...request });
    expect(answer).to.have.property('raised');
    return answer['raised'] as Raised;
  };

  for (const objects of [false, true]) {
    it(`calls and casts every method, with ${objects ? "Ironic's versioned objects" : 'plain dicts'}`, async () => {
      for (const method of FURTHER.filter((name) => name !== 'reattach')) {
        const { task, of } = conductorsTask();
        const args = of[method] ?? {};
        const request = { method, version: '1.1', task, args, objects };
        const { result: called } = await conductor.ask({ do: 'call', ...request });
        expect(await conductor.ask({ do: 'cast', ...request })).to.deep.equal({ sent: true });
        const { port_binding_result: sent } = await conductor.next();
        for (const result of [called, sent] as OperationResult[]) {
          expect(result, method).to.include({ method, status: 'succeeded', error: null });
          const answer = answerOf(method);
          if (answer !== null) expect(result, 'an answer that is null or empty, too').to.have.property(answer);
          const reached = JSON.parse(result.warnings.map(({ reason }) => reason).join('')) as {
            args: unknown;
            task: Args;
          };
          expect(reached.args, method).to.deep.equal({ ...NO_ARGUMENTS, ...readArguments(method, { task, ...args }) });
          expect(reached.task, method).to.deep.equal(readTask(task));
        }
      }
    });
  }

  it("raises Ironic's own exceptions, with our messages and Ironic's HTTP codes", async () => {
    const names = Object.keys(errors).filter((name) => {
      const { [name as 'NetworkError']: value } = errors;
      return typeof value === 'function' && value.prototype instanceof errors.IronicError;
    });
    expect(names).to.include.members(['VifAlreadyAttached', 'VifNotAttached', 'NoFreePhysicalPorts', 'Conflict']);
    expect(names).to.include.members(['FailedToUpdateMacOnPort', 'UnsupportedDriverExtension', 'NodeNotFound']);
    const codes: Record<string, number> = {};
    for (const name of names) {
      const { task, of } = conductorsTask({ driver_info: { throws: name } });
      const error = await raised({ method: 'vif_attach', task, args: of.vif_attach });
      expect(error.class).to.equal(`${name}_Remote`);
      expect(error.bases).to.include.members([name, 'IronicException']);
      // Python puts its traceback, of which there is none, on a line of its own.
      expect(error.message).to.equal(`${name} of node ${task.node.uuid}: 100 % sure\n`);
      codes[name] = error.code ?? 0;
    }
    expect(codes).to.include({ VifAlreadyAttached: 409, Conflict: 409, VifNotAttached: 400, NodeNotFound: 404 });

    const { task } = conductorsTask();
    const lacking = await raised({ method: 'reattach', task });
    expect(lacking).to.include({
      class: 'UnsupportedDriverExtension_Remote',
      message: 'network provider echo does not support reattach\n',
    });
    const missing = await raised({ method: 'vif_attach', task, args: { vif_info: {} } });
    expect(missing.class).to.equal('MissingParameterValue_Remote');
    expect(missing.message).to.match(/^vif_info\.id is missing/);
  });

  describe('versions', () => {
    it('of 1.0, as older conductors pin it, have the methods of 1.0', async () => {
      const { task, of } = conductorsTask();
      for (const method of METHOD_NAMES) {
        const pinned = { do: 'call', method, task, args: of[method] ?? {}, version_cap: '1.0' };
        if (METHODS[method].since === '1.0') {
          expect((await conductor.ask({ ...pinned, version: '1.0' }))['result']).to.include({ status: 'succeeded' });
        } else {
          expect(await raised({ ...pinned, version: METHODS[method].since })).to.include({
            class: 'RPCVersionCapError',
          });
        }
      }
    });

    it('of 1.0 dispatch a method of 1.1 all the same, as a Python server does', async () => {
      const { task } = conductorsTask();
      const { result } = await conductor.ask({ do: 'call', method: 'vif_list', task, version: '1.0' });
      expect(result).to.include({ status: 'succeeded' });
    });

    it('that the worker does not have are refused', async () => {
      const { task } = conductorsTask();
      for (const version of ['1.3', '2.0']) {
        expect(await raised({ method: 'vif_list', task, version })).to.include({
          class: 'UnsupportedVersion_Remote',
          message: `Endpoint does not support RPC version ${version}. Attempted method: vif_list\n`,
        });
      }
    });
  });
});
