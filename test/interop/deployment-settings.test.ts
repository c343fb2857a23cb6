import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { json } from '../../testkit/servers/netprov.js';
import { PYTHON, PythonScript } from '../../testkit/servers/python.js';

type Settings = Record<string, boolean | number | string>;

/**
 * What the conductor of a deployment has in [oslo_messaging_rabbit]. Sources, of August 2026: Kolla Ansible,
 * ansible/roles/ironic/templates/ironic.conf.j2 and group_vars; devstack, lib/rpc_backend; OpenStack-Helm,
 * ironic/values.yaml, whose rabbit_quorum_queues (with an s) is no option of oslo.messaging.
 */
const DEPLOYMENTS: Readonly<Record<string, Settings>> = {
  'Kolla Ansible': {
    use_queue_manager: true,
    processname: 'ironic-conductor',
    heartbeat_in_pthread: false,
    rabbit_quorum_queue: true,
    rabbit_stream_fanout: true,
    rabbit_qos_prefetch_count: 50,
    rabbit_transient_quorum_queue: true,
  },
  'OpenStack-Helm': {
    amqp_durable_queues: true,
    rabbit_quorum_queues: true,
    rabbit_transient_quorum_queue: true,
    use_queue_manager: true,
  },
  devstack: {},
  'durable queues': { amqp_durable_queues: true },
  'quorum queues': { rabbit_quorum_queue: true },
};

/** The options that netprov has too, which must have the conductor's values. */
const SHARED = ['amqp_durable_queues', 'rabbit_quorum_queue', 'rabbit_transient_quorum_queue'];

/** The options of this oslo.messaging. */
function knownOptions(): string[] {
  const program =
    'import json; from oslo_messaging._drivers import amqp, impl_rabbit as rabbit; ' +
    'print(json.dumps([option.name for option in amqp.amqp_opts + rabbit.rabbit_opts]))';
  return JSON.parse(execFileSync(PYTHON, ['-W', 'ignore', '-c', program], { encoding: 'utf8' })) as string[];
}

describe("settings of oslo.messaging that deployment projects give Ironic's conductors", () => {
  const place = new CommandPlace();
  const passed: Record<string, boolean> = Object.fromEntries(Object.keys(DEPLOYMENTS).map((name) => [name, true]));
  const known = knownOptions();
  let conductor: PythonScript | null = null;

  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(async function () {
    const deployment = this.currentTest?.parent?.title ?? '';
    if (this.currentTest?.state === 'failed') passed[deployment] = false;
    await conductor?.stop();
    conductor = null;
    await place.clear();
  });
  after(() => place.close());
  after('it is kept for docs/compatibility.md', () => {
    keep(passed);
  });

  const startWorker = async (settings: Settings): Promise<void> => {
    const shared = SHARED.filter((name) => settings[name] === true && known.includes(name));
    place.env = {
      ...place.env,
      ...Object.fromEntries(shared.map((name) => [`NETPROV_OSLO_MESSAGING_RABBIT_${name.toUpperCase()}`, 'true'])),
    };
    await place.startWorker();
  };
  const startConductor = async (file: Settings): Promise<PythonScript> => {
    const target = { exchange: 'ironic', topic: 'ironic.network_provider', host: HOST };
    conductor = new PythonScript('ironic_conductor.py', { transport_url: place.broker.url(), ...target, file });
    expect(await conductor.next()).to.deep.equal({ ready: true });
    return conductor;
  };

  for (const [deployment, settings] of Object.entries(DEPLOYMENTS)) {
    describe(deployment, () => {
      for (const first of ['worker', 'conductor'] as const) {
        it(`calls, casts with results, and fanout casts, if the ${first} comes first`, async () => {
          if (first === 'worker') await startWorker(settings);
          const python = await startConductor(settings);
          if (first === 'conductor') await startWorker(settings);
          const task = sampleTask({ network_provider: 'none' });
          const method = 'add_cleaning_network';
          const done = { method, status: 'succeeded', node_uuid: task.node.uuid };

          const called = await python.ask({ do: 'call', method, task, timeout: 120, call_monitor_timeout: 10 });
          expect(called['result']).to.include(done);
          for (const more of [{}, { fanout: true }]) {
            const answers = [await python.ask({ do: 'cast', method, task, ...more }), await python.next()];
            expect(answers).to.deep.include({ sent: true });
            const result = answers.find((answer) => 'port_binding_result' in answer);
            expect(result?.['port_binding_result']).to.include(done);
          }
          expect(await wrongExchanges()).to.deep.equal([]);
        });
      }
    });
  }

  /** What netprov doctor finds wrong with the exchanges. */
  const wrongExchanges = async (): Promise<unknown[]> => {
    const { findings } = json(await place.run('doctor', '--host', HOST, '--json')) as {
      findings: { check: string; status: string }[];
    };
    return findings.filter(({ check, status }) => check.includes('exchange') && status !== 'ok');
  };
});

/** Keeps for which deployments all tests passed, if script/test keeps records. */
function keep(deployments: Readonly<Record<string, boolean>>): void {
  const { NETPROV_TEST_RECORD: folder, NETPROV_WORLD } = process.env;
  if (folder === undefined) return;
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const place = NETPROV_WORLD ?? codename;
  const date = new Date().toISOString().slice(0, 10);
  const record = { place, date, deployments };
  writeFileSync(join(folder, `deployments-${place}.json`), `${JSON.stringify(record, null, 2)}\n`);
}
