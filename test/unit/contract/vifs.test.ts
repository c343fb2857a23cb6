import { expect } from 'chai';

import type { Task, Vif } from '../../../src/contract/types.js';
import { attachedVifs, tenantVif, withNotedVifs, withVifs } from '../../../src/contract/vifs.js';
import { makeLagTask, makePort, makeTask, withVif } from '../../../testkit/fixtures/tasks.js';

const onPort = (id: string, port: { uuid: string } | undefined): Vif => ({
  id,
  port_uuid: port?.uuid ?? '',
  portgroup_uuid: null,
});
const onGroup = (id: string, group: { uuid: string } | undefined): Vif => ({
  id,
  port_uuid: null,
  portgroup_uuid: group?.uuid ?? '',
});
const infoOf = ({ ports, portgroups }: Task): unknown[] => [...ports, ...portgroups].map((part) => part.internal_info);

describe('contract: VIFs', () => {
  it("are read from Ironic's fields", () => {
    expect(tenantVif(withVif(makePort(), 'vif-1'))).to.equal('vif-1');
    for (const value of [null, '', 5, {}]) {
      expect(tenantVif(makePort({ internal_info: { tenant_vif_port_id: value } }))).to.equal(null);
    }
    const task = makeLagTask({ internal_info: { tenant_vif_port_id: 'vif-2' } });
    const [first, ...others] = task.ports;
    if (!first) throw new Error('no port');
    const ports = [withVif(first, 'vif-1'), ...others];
    expect(attachedVifs({ ...task, ports })).to.deep.equal([
      onPort('vif-1', first),
      onGroup('vif-2', task.portgroups[0]),
    ]);
  });

  describe('that are on record', () => {
    it('are filled in where the task does not speak of one', () => {
      const task = makeLagTask();
      const noted = [onPort('vif-1', task.ports[1]), onGroup('vif-2', task.portgroups[0])];
      const filled = withNotedVifs(task, noted);
      expect(attachedVifs(filled)).to.deep.equal(noted);
      expect(attachedVifs(task), 'the task itself is left alone').to.deep.equal([]);
    });

    it("are replaced by the task's values, including null", () => {
      const [own, none] = [
        makePort({ internal_info: { tenant_vif_port_id: 'own' } }),
        makePort({ internal_info: { tenant_vif_port_id: null } }),
      ];
      const task = makeTask({ ports: [own, none] });
      expect(withNotedVifs(task, [onPort('vif-1', own), onPort('vif-2', none)])).to.deep.equal(task);
    });

    it('are not filled in twice: a VIF that the task has elsewhere is there', () => {
      const task = makeTask();
      const [first, second] = task.ports;
      if (!first || !second) throw new Error('no ports');
      const moved = { ...task, ports: [withVif(first, 'vif-1'), second] };
      expect(withNotedVifs(moved, [onPort('vif-1', second)])).to.deep.equal(moved);
    });

    it('are not filled in for ports that the task no longer has', () => {
      const task = makeTask();
      expect(withNotedVifs(task, [onPort('vif-1', makePort())])).to.deep.equal(task);
    });
  });

  describe('that are set in a task', () => {
    it('are exactly the given ones, and other keys of internal_info stay', () => {
      const [first, second] = [
        makePort({ internal_info: { tenant_vif_port_id: 'old', cleaning_vif_port_id: 'kept' } }),
        makePort({ internal_info: {} }),
      ];
      const task = makeTask({ ports: [first, second] });
      expect(infoOf(withVifs(task, [onPort('new', second)]))).to.deep.equal([
        { cleaning_vif_port_id: 'kept' },
        { tenant_vif_port_id: 'new' },
      ]);
      expect(infoOf(withVifs(task, []))).to.deep.equal([{ cleaning_vif_port_id: 'kept' }, {}]);
    });
  });
});
