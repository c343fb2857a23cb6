import { expect } from 'chai';

import { wrongPings } from './table.js';
import { astray, type Evidence, tally } from './walk.js';

/** Expects that every move succeeded, that no frame went astray, and that pings were answered as they should be. */
export function expectRight(evidence: Evidence): void {
  expectSuccess(evidence);
  expect(astray(evidence)).to.deep.equal({});
  expect(wrongPings(evidence)).to.deep.equal([]);
  expect(tally(evidence).right).to.be.above(1000);
}

/**
 * Expects that every move succeeded, and that no frame arrived where it must not. networking-generic-switch's driver for Open
 * vSwitch does not read what the switch says, and notices the end of a session only if it has more to send. So Neutron may
 * call a port ACTIVE that was not plugged in: the node then reaches nobody.
 */
export function expectNoLeak(evidence: Evidence): void {
  expectSuccess(evidence);
  expect(astray(evidence)).to.deep.equal({});
  expect(wrongPings(evidence).filter((wrong) => !wrong.includes('answered by nobody'))).to.deep.equal([]);
}

function expectSuccess({ steps }: Evidence): void {
  const ends = steps.map(({ node, result: { method, status, error } }) => [node, method, status, error?.message ?? '']);
  expect(ends).to.deep.equal(steps.map(({ node, move: { method } }) => [node, method, 'succeeded', '']));
}
