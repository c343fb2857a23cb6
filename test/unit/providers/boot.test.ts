import { expect } from 'chai';

import { bootsByPxe } from '../../../src/providers/neutron/binding/boot.js';
import { makeNode } from '../../../testkit/fixtures/tasks.js';

describe('boot interfaces', () => {
  it('are what the conductor says about them, whatever their names', () => {
    for (const boot_interface of [null, 'ipxe', 'redfish-virtual-media', 'site-netboot']) {
      expect(bootsByPxe(makeNode({ boot_interface, pxe_boot: true }))).to.equal(true);
      expect(bootsByPxe(makeNode({ boot_interface, pxe_boot: false }))).to.equal(false);
    }
  });

  // As in Ironic, `capabilities` of the boot interfaces.
  for (const name of [null, 'pxe', 'ipxe', 'http', 'http-ipxe', 'fake', 'ilo-pxe', 'ilo-ipxe', 'irmc-pxe']) {
    it(`${String(name)} boots by PXE`, () => {
      expect(bootsByPxe(makeNode({ boot_interface: name }))).to.equal(true);
    });
  }
  for (const name of [
    'redfish-virtual-media',
    'idrac-redfish-virtual-media',
    'redfish-https',
    'ilo-uefi-https',
    'irmc-virtual-media',
  ]) {
    it(`${name} does not`, () => {
      expect(bootsByPxe(makeNode({ boot_interface: name }))).to.equal(false);
    });
  }
});
