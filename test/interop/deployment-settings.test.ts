import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CommandPlace } from '../../testkit/fixtures/command-place.js';
import { Deployment, DEPLOYMENTS } from '../../testkit/fixtures/deployments.js';

describe("settings of oslo.messaging that deployment projects give Ironic's conductors", () => {
  const place = new CommandPlace();
  const passed: Record<string, boolean> = Object.fromEntries(Object.keys(DEPLOYMENTS).map((name) => [name, true]));

  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(async function () {
    const deployment = this.currentTest?.parent?.title ?? '';
    if (this.currentTest?.state === 'failed') passed[deployment] = false;
    await place.clear();
  });
  after(() => place.close());
  after('it is kept for docs/compatibility.md', () => {
    keep(passed);
  });

  for (const [name, settings] of Object.entries(DEPLOYMENTS)) {
    const deployment = new Deployment(place, settings);

    describe(name, () => {
      it('calls, casts with results, and fanout casts, if the worker comes first', async () => {
        await deployment.startWorker();
        await deployment.expectAnswers(await deployment.startConductor());
      });

      it('calls, casts with results, and fanout casts, if the conductor comes first', async () => {
        const conductor = await deployment.startConductor();
        await deployment.startWorker();
        await deployment.expectAnswers(conductor);
      });
    });
  }
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
