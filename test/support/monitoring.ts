import { readFileSync } from 'node:fs';

import yaml from 'js-yaml';

/** A rule of docs/prometheus/alerts.yaml. */
export interface AlertRule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string; row?: string };
}

/** A panel of docs/grafana/netprov.json, as far as it counts here. */
export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

export interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; type: string; definition?: string }[] };
}

/** From the repository's root: compiled tests run from another folder. */
const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

export const ALERTS = 'docs/prometheus/alerts.yaml';
export const ALERT_TESTS = 'test/prometheus/alerts.test.yaml';

export function alertRules(): AlertRule[] {
  const { groups } = yaml.load(read(ALERTS)) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function alertTests(): string {
  return read(ALERT_TESTS);
}

export function dashboard(): Dashboard {
  return JSON.parse(read('docs/grafana/netprov.json')) as Dashboard;
}

/** The panels' expressions, with values for what Grafana puts in. */
export function expressionsOf({ panels }: Dashboard): { title: string; expr: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)\b/g, '.*'),
    })),
  );
}

/** The names of metrics in an expression. */
export function metricsIn(expr: string): string[] {
  const names = expr.replaceAll(/"[^"]*"/g, '').match(/\b(netprov|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
}

/** The text of a document in docs/. */
export function document(path: string): string {
  return read(path);
}
