import { expect } from 'chai';

import { networkAndNetmask } from '../../../src/providers/neutron/network-data.js';

describe('a network in network_data.json', () => {
  // What Python's ipaddress makes of them: str(network_address), str(netmask).
  const networks: [string, string, string][] = [
    ['10.1.2.0/24', '10.1.2.0', '255.255.255.0'],
    ['10.1.16.0/20', '10.1.16.0', '255.255.240.0'],
    ['0.0.0.0/0', '0.0.0.0', '0.0.0.0'],
    ['192.0.2.1/32', '192.0.2.1', '255.255.255.255'],
    ['2001:db8::/32', '2001:db8::', 'ffff:ffff::'],
    ['2001:DB8:0:0:0:0:0:0/64', '2001:db8::', 'ffff:ffff:ffff:ffff::'],
    ['fd00:1:2:30::/60', 'fd00:1:2:30::', 'ffff:ffff:ffff:fff0::'],
    ['fd00:1:2:3:4:5:6::/112', 'fd00:1:2:3:4:5:6:0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:0'],
    ['::1/128', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::/0', '::', '::'],
    ['fe80::1:0:0:1/128', 'fe80::1:0:0:1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ];
  for (const [cidr, network, netmask] of networks) {
    it(`${cidr} is ${network} with netmask ${netmask}`, () => {
      expect(networkAndNetmask(cidr)).to.deep.equal({ network, netmask });
    });
  }
});
