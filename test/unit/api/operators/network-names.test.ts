import { expect } from 'chai';

import { pause } from '../../../../src/async/pause.js';
import type { NeutronNetworkDetails } from '../../../../src/neutron/resources.js';
import { NetworkNames } from '../../../../src/services/network-names.js';
import { recordingLogger } from '../../../../testkit/fixtures/log.js';

describe('the names of networks', () => {
  let asked: string[][];
  let answer: (ids: readonly string[]) => Promise<NeutronNetworkDetails[]>;
  const neutron = {
    describeNetworks: (ids: readonly string[]) => {
      asked.push([...ids]);
      return answer(ids);
    },
  };
  const named = (ids: readonly string[]): NeutronNetworkDetails[] => ids.map((id) => ({ id, name: `name of ${id}` }));

  beforeEach(() => {
    asked = [];
    answer = (ids) => Promise.resolve(named(ids));
  });

  it('are asked for once, however many want them at the same time', async () => {
    const names = new NetworkNames(neutron, recordingLogger().log);
    const found = await Promise.all([names.of(['a', 'b']), names.of(['b']), names.of(['a', 'b'])]);
    expect([...found[0]]).to.deep.equal([
      ['a', 'name of a'],
      ['b', 'name of b'],
    ]);
    await names.of(['a', 'c']);
    expect(asked).to.deep.equal([['a', 'b'], ['c']]);
  });

  it('are null for a network that Neutron does not have, and it is not asked again at once', async () => {
    const names = new NetworkNames(neutron, recordingLogger().log);
    answer = () => Promise.resolve([]);
    expect((await names.of(['gone'])).get('gone')).to.equal(null);
    await names.of(['gone']);
    expect(asked).to.have.length(1);
  });

  it('are those of before while Neutron is away, which is said once', async () => {
    const { log, lines } = recordingLogger();
    const names = new NetworkNames(neutron, log, { keep: 1, rest: 0 });
    await names.of(['a']);
    await pause(3);
    answer = () => Promise.reject(new Error('Neutron is away'));
    expect([...(await names.of(['a', 'b']))]).to.deep.equal([
      ['a', 'name of a'],
      ['b', null],
    ]);
    await names.of(['a', 'b']);
    expect(lines.filter((line) => line.includes('Neutron is away'))).to.have.length(1);
  });

  it('are not waited for: an API that hangs is asked again after a rest', async () => {
    const names = new NetworkNames(neutron, recordingLogger().log, { answer: 1 });
    answer = () => new Promise(() => undefined);
    expect((await names.of(['a'])).get('a')).to.equal(null);
    await names.of(['a']);
    expect(asked).to.have.length(1);
  });

  it('are kept for so many networks', async () => {
    const names = new NetworkNames(neutron, recordingLogger().log, { most: 2 });
    await names.of(['a', 'b']);
    await names.of(['c']);
    await names.of(['b', 'c']);
    expect(asked).to.have.length(2);
    await names.of(['a']);
    expect(asked.at(-1)).to.deep.equal(['a']);
  });
});
