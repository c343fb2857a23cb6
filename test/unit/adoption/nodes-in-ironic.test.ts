import { expect } from 'chai';

import { type IronicReader, nodesInIronic } from '../../../src/adoption/nodes-in-ironic.js';
import { pause } from '../../../src/async/pause.js';
import { inIronic, notedTask } from '../../../testkit/fixtures/ironic-nodes.js';

describe('nodes in Ironic, by their UUIDs', () => {
  it('are asked for several at a time, and in their order', async () => {
    const tasks = Array.from({ length: 30 }, () => notedTask({}));
    const nodes = new Map(tasks.map((task) => [task.node.uuid, inIronic(task, {}).node]));
    let [now, most] = [0, 0];
    const ironic: IronicReader = {
      pagesOfNodes: () => {
        throw new Error('all nodes are not wanted');
      },
      node: async (uuid) => {
        most = Math.max(most, ++now);
        await pause(1);
        now -= 1;
        return nodes.get(uuid) ?? null;
      },
      parts: () => Promise.resolve([]),
    };
    const wanted = [...nodes.keys(), 'unknown'];
    const found: string[] = [];
    for await (const page of nodesInIronic({ nodes: wanted }, ironic)) found.push(...page.map(({ node }) => node.uuid));
    expect(found).to.deep.equal([...nodes.keys()]);
    expect(most).to.equal(4);
  });
});
