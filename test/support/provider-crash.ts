import type { MethodName } from '../../src/contract/methods.js';
import type { Task } from '../../src/contract/types.js';
import type { ProviderContext } from '../../src/providers/provider.js';
import { until } from './poll.js';
import type { ProviderFixture } from './provider-fixture.js';
import { rejection } from './rejection.js';

/**
 * The worker dies when Neutron has done request n of a method, counted from 0, and before it hears of it: everything is
 * aborted, nothing is rolled back.
 */
export async function crashAfter(
  f: ProviderFixture,
  n: number,
  method: MethodName,
  task: Task,
  fields: Partial<ProviderContext>,
): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('no longer ours');
  f.proxy.reset();
  f.proxy.fate = ({ index }) => (index === n ? 'hang after' : 'pass');
  const running = rejection(f.run(method, task, { ...fields, signal: controller.signal }));
  await until(`request ${n} of ${method} is under way`, () => f.proxy.hanging === 1);
  controller.abort(reason);
  if ((await running) !== reason) throw new Error(`${method} did not end with the reason of the abort`);
  f.proxy.reset();
}
