import { CRASHES } from '../../testkit/fixtures/crashes.js';
import { killedWorkers } from '../../testkit/fixtures/killed-workers.js';

describe('a worker that is killed', () => {
  const { survives } = killedWorkers();

  describe('in add_provisioning_network', () => {
    for (const crash of CRASHES.filter(({ method }) => method === 'add_provisioning_network')) {
      it(crash.dies, () => survives(crash));
    }
  });
});
