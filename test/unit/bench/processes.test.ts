import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { expect } from 'chai';

import { allowedCores } from '../../../bench/processes/pinning.js';
import {
  listenerOf,
  listeningSockets,
  processorSeconds,
  processorTimeOf,
  processTree,
  statusBytes,
} from '../../../bench/processes/proc.js';
import { spentAt } from '../../../bench/processes/processor-times.js';

/** Fields of /proc/<pid>/stat after the name, up to cstime. */
const FIELDS = 'S 1 2 3 4 -1 4194304 10 20 30 40 250 50 6 4 20 0 9 0 1000';

describe('processor time and memory of processes', () => {
  it('adds user and system time, also of children that have ended', () => {
    expect(processorSeconds(`42 (node) ${FIELDS}`)).to.equal(3.1);
  });

  it('reads the stat of a process whose name has spaces and parentheses', () => {
    expect(processorSeconds(`42 (a) S (b) ${FIELDS}`)).to.equal(3.1);
  });

  it('refuses what is not the stat of a process', () => {
    expect(() => processorSeconds('')).to.throw('not the text of /proc/<pid>/stat');
  });

  it('reads memory and cores from the status of a process', () => {
    const status = 'Name:\tnode\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\nCpus_allowed_list:\t0-1,4\n';
    expect(statusBytes(status, 'VmHWM')).to.equal(204_800);
    expect(statusBytes(status, 'VmRSS')).to.equal(102_400);
    expect(allowedCores(status)).to.equal('0-1,4');
    expect(() => statusBytes('Name:\tnode\n', 'VmRSS')).to.throw('no VmRSS');
  });

  it('finds sockets that listen on a port', () => {
    const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 x 100 0 0 10 0
   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 222 1 x 100 0 0 10 0
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 x 100 0 0 10 0
`;
    expect(listeningSockets(text, 8080)).to.deep.equal(['111']);
  });

  it('takes processor time as spent evenly between two samples', () => {
    const sample = (at: number, own: number): Parameters<typeof spentAt>[0][number] => ({
      at,
      spent: { own, rabbitmq: 2 * own, mariadb: 0 },
    });
    const samples = [sample(1000, 1), sample(2000, 2), sample(4000, 2.5)];
    expect(spentAt(samples, 1500)).to.deep.equal({ own: 1.5, rabbitmq: 3, mariadb: 0 });
    expect(spentAt(samples, 3000).own).to.equal(2.25);
    expect(spentAt(samples, 500).own).to.equal(1);
    expect(spentAt(samples, 9000).own).to.equal(2.5);
    expect(() => spentAt([], 0)).to.throw('no processor times');
  });

  describe('of this process', () => {
    const server = createServer();

    before(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    after(() => server.close());

    it('finds it by the port on which it listens', () => {
      expect(listenerOf((server.address() as AddressInfo).port)).to.equal(process.pid);
      expect(() => listenerOf(1)).to.throw('no process of this user listens on port 1');
    });

    it('reads its processor time', () => {
      expect(processTree(process.pid)[0]).to.equal(process.pid);
      expect(processorTimeOf([process.pid]))
        .to.be.closeTo(process.cpuUsage().user / 1e6, 5)
        .and.above(0);
    });
  });
});
