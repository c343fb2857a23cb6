import { expect } from 'chai';

import { faultsIn, type Happening, runsOf } from '../../testkit/fixtures/order.js';

/** Happenings at 10, 20, 30 and so on; each takes 5. */
function story(...words: string[]): Happening[] {
  return words.map((word, index): Happening => {
    const at = 10 * (index + 1);
    const span = { from: at, until: at + 5 };
    const [verb = '', ...rest] = word.split(' ');
    const name = rest.join(' ');
    if (verb === 'power') return { what: 'power', ...span, to: name as 'on' | 'off' | 'reboot' };
    if (verb === 'state') return { what: 'state', at, state: name };
    return { what: 'port', ...span, port: `port-${name}`, network: name, bound: verb === 'bind' };
  });
}

const runs = (...words: string[]): string[] =>
  runsOf(story(...words)).map(({ occupant, networks }) => `${occupant} on ${networks.join(', ')}`);

describe('the audit of the order', () => {
  const DEPLOYED = ['bind provisioning', 'power reboot', 'state wait call-back', 'power off', 'unbind provisioning'];

  it('tells who ran where', () => {
    const words = [...DEPLOYED, 'bind tenant', 'power on', 'state active'];
    expect(runs(...words)).to.deep.equal(['ramdisk on provisioning', 'instance on tenant']);
    expect(faultsIn(story(...words))).to.deep.equal([]);
  });

  it('sees a ramdisk that reaches the tenant network before it is off', () => {
    const words = [
      'bind provisioning',
      'power on',
      'state wait call-back',
      'unbind provisioning',
      'bind tenant',
      'power off',
    ];
    expect(runs(...words)).to.deep.equal(['ramdisk on provisioning, tenant']);
    expect(faultsIn(story(...words))).to.deep.equal(['ramdisk on tenant']);
  });

  it('sees an instance that is on while its node leaves the provisioning network', () => {
    const words = [...DEPLOYED.slice(0, -1), 'power on', 'unbind provisioning', 'bind tenant', 'state active'];
    expect(faultsIn(story(...words))).to.deep.equal(['instance on provisioning']);
  });

  it('sees a node on a management network and a tenant network at once, even if it is off', () => {
    expect(faultsIn(story('bind tenant', 'bind cleaning', 'unbind tenant'))).to.deep.equal([
      'on cleaning and tenant at once',
    ]);
  });

  it('sees a node on two management networks at once', () => {
    expect(faultsIn(story('bind inspection', 'bind cleaning', 'unbind inspection'))).to.deep.equal([
      'on cleaning and inspection at once',
    ]);
    expect(faultsIn(story('bind inspection', 'unbind inspection', 'bind cleaning'))).to.deep.equal([]);
  });

  it('lets the rescue ramdisk move to the tenant network once Ironic has handed it over', () => {
    const before = ['bind rescuing', 'power on', 'state rescue wait'];
    const moved = [...before, 'state rescuing', 'unbind rescuing', 'bind tenant', 'state rescue'];
    expect(runs(...moved)).to.deep.equal(['ramdisk on rescuing', 'rescue on tenant']);
    expect(faultsIn(story(...moved))).to.deep.equal([]);
    const early = [...before, 'unbind rescuing', 'bind tenant', 'state rescuing', 'state rescue'];
    expect(faultsIn(story(...early))).to.deep.equal(['ramdisk on tenant']);
    const late = [...before, 'state rescuing', 'state rescue', 'unbind rescuing', 'bind tenant'];
    expect(faultsIn(story(...late))).to.deep.equal(['rescue on rescuing']);
  });
});
