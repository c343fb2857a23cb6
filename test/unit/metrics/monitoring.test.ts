import { expect } from 'chai';

import { allMetrics } from '../../../testkit/fixtures/all-metrics.js';
import {
  alertRules,
  alertTests,
  dashboard,
  document,
  expressionsOf,
  metricsIn,
} from '../../../testkit/fixtures/monitoring.js';

/** As GitHub makes anchors of headings. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

const known = new Set(allMetrics().map(({ name }) => name));

describe('docs/prometheus/alerts.yaml', () => {
  const rules = alertRules();

  it('uses only existing metrics', () => {
    for (const { alert, expr } of rules) {
      const names = metricsIn(expr);
      expect(names.length > 0 || expr.startsWith('up{'), alert).to.equal(true);
      expect(
        names.filter((name) => !known.has(name)),
        alert,
      ).to.deep.equal([]);
    }
  });

  it('has a severity, a summary, a remedy and a link for each alert', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning'], alert).to.contain(labels.severity);
      expect(annotations.summary, alert).to.match(/\S{3}/);
      expect(annotations.description.length, alert).to.be.greaterThan(60);
      const [file = '', section = ''] = annotations.runbook.split('#');
      const text = document(file);
      const headings = text.split('\n').filter((line) => line.startsWith('#'));
      expect(
        headings.map((line) => anchor(line.replace(/^#+ /, ''))),
        alert,
      ).to.contain(section);
      const { row } = annotations;
      if (row !== undefined) {
        const cells = text.split('\n').map((line) => line.split('|')[1]?.trim());
        expect(cells, `${alert}: ${row}`).to.contain(row);
      }
    }
  });

  it('has each alert firing in one of its tests', () => {
    const tests = alertTests();
    const untested = rules.filter(({ alert }) => !tests.includes(`alertname="${alert}"`)).map(({ alert }) => alert);
    expect(untested).to.deep.equal([]);
  });
});

describe('docs/grafana/netprov.json', () => {
  const board = dashboard();

  it('uses only existing metrics, and shows each metric of netprov', () => {
    const names = expressionsOf(board).flatMap(({ expr }) => metricsIn(expr));
    expect(names.filter((name) => !known.has(name))).to.deep.equal([]);
    const ours = [...known].filter((name) => name.startsWith('netprov_'));
    const shown = new Set([...names, 'netprov_queue_consuming']);
    expect(ours.filter((name) => !shown.has(name))).to.deep.equal([]);
  });

  it('has the variables that its expressions use', () => {
    const names = board.templating.list.map(({ name }) => name);
    expect(names).to.have.members(['datasource', 'job', 'instance']);
    for (const { definition } of board.templating.list.filter(({ type }) => type === 'query')) {
      expect(metricsIn(definition ?? '').every((name) => known.has(name))).to.equal(true);
    }
  });

  it('has panels with unique ids that do not overlap', () => {
    const { panels } = board;
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    for (const [index, { title, gridPos: a }] of panels.entries()) {
      expect(a.x + a.w, title).to.be.at.most(24);
      for (const { title: other, gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, `${title} and ${other}`).to.equal(true);
      }
    }
  });
});
