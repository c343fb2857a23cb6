import { expect } from 'chai';

import { Conflict, InvalidParameterValue } from '../../../src/contract/errors.js';
import type { Port, Portgroup } from '../../../src/contract/types.js';
import { refuseMembership, refuseStandaloneMembers } from '../../../src/providers/ports/membership.js';
import { makePort, makePortgroup, makeTask, withVif } from '../../../testkit/fixtures/tasks.js';

const VIF = '11111111-1111-4111-8111-111111111111';

describe('a port and its portgroup', () => {
  const only = makePortgroup({ standalone_ports_supported: false });
  const free = makePortgroup({ standalone_ports_supported: true });
  const task = makeTask({ ports: [], portgroups: [only, free] });
  const member = (group: Portgroup, fields: Partial<Port> = {}) => makePort({ portgroup_uuid: group.uuid, ...fields });
  const change = (was: Port, fields: Partial<Port>) => () => {
    refuseMembership(was, { ...was, ...fields }, task);
  };

  describe('when the port changes', () => {
    it('cannot boot from the network as a member of a portgroup that must be used as one', () => {
      const was = member(only, { pxe_enabled: false });
      expect(change(was, { pxe_enabled: true })).to.throw(Conflict, 'pxe_enabled');
      expect(change(was, { pxe_enabled: null })).to.throw(Conflict, only.uuid);
      expect(change(makePort(), { portgroup_uuid: only.uuid })).to.throw(
        Conflict,
        'standalone_ports_supported is false',
      );
      expect(change(makePort({ pxe_enabled: false }), { portgroup_uuid: only.uuid })).to.not.throw();
    });

    it('is accepted when it already was so and something else changes', () => {
      expect(change(member(only), { address: '52:54:00:00:00:01' })).to.not.throw();
    });

    it('may boot from the network where members may be used one by one', () => {
      expect(change(makePort(), { portgroup_uuid: free.uuid })).to.not.throw();
      expect(change(member(free, { pxe_enabled: false }), { pxe_enabled: true })).to.not.throw();
      const unsaid = makePortgroup({ standalone_ports_supported: null });
      const joins = { ...makePort(), portgroup_uuid: unsaid.uuid };
      expect(() => {
        refuseMembership(makePort(), joins, makeTask({ portgroups: [unsaid] }));
      }).to.not.throw();
    });

    it('cannot join a portgroup with a VIF of its own: the portgroup would be connected in its place', () => {
      for (const group of [only, free]) {
        const was = withVif(makePort({ pxe_enabled: false }), VIF);
        expect(change(was, { portgroup_uuid: group.uuid })).to.throw(Conflict, VIF);
      }
      expect(change(withVif(member(free), VIF), { address: '52:54:00:00:00:01' })).to.not.throw();
      expect(change(withVif(member(only, { pxe_enabled: false }), VIF), { extra: { note: 1 } })).to.throw(
        Conflict,
        VIF,
      );
    });

    it('may leave its portgroup', () => {
      expect(change(withVif(member(only), VIF), { portgroup_uuid: null })).to.not.throw();
    });

    it('cannot join a portgroup that nobody knows', () => {
      expect(change(makePort(), { portgroup_uuid: VIF })).to.throw(InvalidParameterValue, `portgroup_uuid ${VIF}`);
    });
  });

  describe('when the portgroup changes', () => {
    const becomeOne = (ports: Port[], was = free) => {
      return () => {
        refuseStandaloneMembers(was, { ...was, standalone_ports_supported: false }, makeTask({ ports }));
      };
    };

    it('cannot become one that must be used as one while members boot or have VIFs', () => {
      const boots = member(free);
      const attached = withVif(member(free, { pxe_enabled: false }), VIF);
      expect(becomeOne([boots])).to.throw(Conflict, `port ${boots.uuid} has pxe_enabled`);
      expect(becomeOne([attached])).to.throw(Conflict, `port ${attached.uuid} has VIF ${VIF}`);
      expect(becomeOne([boots, attached]))
        .to.throw(Conflict, boots.uuid)
        .with.property('message')
        .that.includes(attached.uuid);
    });

    it('can when no member does, and when it was so before', () => {
      expect(becomeOne([member(free, { pxe_enabled: false }), makePort()])).to.not.throw();
      expect(becomeOne([member(only)], only)).to.not.throw();
    });
  });
});
