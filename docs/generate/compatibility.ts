import { readdirSync, readFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import { notesOf, type SuiteRecord } from './suite-record.js';

/** For which deployment projects the tests of their settings passed on one set of servers. A test writes a file with them. */
interface DeploymentRecord {
  readonly place: string;
  readonly date: string;
  readonly deployments: Readonly<Record<string, boolean>>;
}

const RECORDS = new URL('../../../docs/compatibility/', import.meta.url);

const SERVERS: Readonly<Record<string, string>> = {
  'rabbitmq-server': 'RabbitMQ',
  'mariadb-server': 'MariaDB',
  'mysql-server': 'MySQL',
  'neutron-server': 'Neutron',
  'ironic-neutron-agent': 'networking-baremetal',
  'ironic-common': 'Ironic',
  'python3-ironicclient': 'python-ironicclient',
  keystone: 'Keystone',
  'python3-oslo.messaging': 'oslo.messaging',
  node: 'Node.js',
};

const SUITES = ['unit', 'integration', 'interop', 'ironic', 'console', 'cluster', 'chaos', 'wire'];

const DEPLOYMENTS = 'deployments-';

/** Suites that do not run in a place, and why. */
interface Absence {
  readonly suite: string;
  readonly isMissingIn: (place: string) => boolean;
  readonly why: string;
}

const ABSENCES: readonly Absence[] = [
  {
    suite: 'console',
    isMissingIn: (place) => !place.startsWith('bookworm'),
    why: '`console` needs Chromium, which the worlds do not have.',
  },
  {
    suite: 'wire',
    isMissingIn: (place) => !place.startsWith('bookworm'),
    why: '`wire` makes network namespaces as root, and the user of a world is not root.',
  },
  {
    suite: 'cluster',
    isMissingIn: (place) => place.endsWith('-mysql'),
    why: '`cluster` has a Galera cluster of MariaDB as its database.',
  },
  {
    suite: 'chaos',
    isMissingIn: (place) => place.endsWith('-mysql'),
    why: '`chaos` starts a MariaDB of its own, which it kills.',
  },
];

/** @param ofDeployments whether the records of deployments are wanted, or those of suites */
function readRecords(ofDeployments: boolean): unknown[] {
  const names = readdirSync(RECORDS).filter((name) => name.endsWith('.json'));
  const wanted = names.filter((name) => name.startsWith(DEPLOYMENTS) === ofDeployments);
  return wanted.sort().map((name) => JSON.parse(readFileSync(new URL(name, RECORDS), 'utf8')) as unknown);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const sum = ({ files }: SuiteRecord, count: 'passed' | 'failed'): number =>
  Object.values(files).reduce((total, file) => total + file[count], 0);

/** With whose settings of oslo.messaging a conductor was tried, and where. */
function deploymentsTable(): string {
  const records = readRecords(true) as DeploymentRecord[];
  const names = [...new Set(records.flatMap(({ deployments }) => Object.keys(deployments)))];
  const outcome = (record: DeploymentRecord, name: string): string => {
    const passed = record.deployments[name];
    return passed === undefined ? 'no record' : passed ? 'passed' : 'failed';
  };
  return table(
    ['settings of', ...records.map(({ place }) => place)],
    [
      ...names.map((name) => [name, ...records.map((record) => outcome(record, name))]),
      ['last run', ...records.map(({ date }) => date)],
    ],
  );
}

/** The table of results: a row for each suite, and a column for each set of servers. */
function suitesTable(records: readonly SuiteRecord[], places: readonly string[]): string {
  const outcome = (place: string, suite: string): string => {
    const record = records.find((one) => one.place === place && one.suite === suite);
    if (record) return `${sum(record, 'passed')} / ${sum(record, 'failed')}`;
    return ABSENCES.some((one) => one.suite === suite && one.isMissingIn(place)) ? 'does not run' : 'no record';
  };
  const latest = (place: string): string =>
    records
      .flatMap((record) => (record.place === place ? record.date : []))
      .sort()
      .at(-1) ?? '';
  return table(
    ['suite', ...places],
    [
      ...SUITES.map((suite) => [suite, ...places.map((place) => outcome(place, suite))]),
      ['last run', ...places.map(latest)],
    ],
  );
}

/** Returns the versions of a package with which suites ran, or an empty text. */
function versionsOf(records: readonly SuiteRecord[], name: string): string {
  return [...new Set(records.flatMap(({ packages }) => packages[name] ?? []))].join(', ');
}

/** Returns a name for a set of servers that readers know: "Debian 13 with MySQL" for trixie-mysql. */
function titleOf(place: string): string {
  const [suite = '', database] = place.split('-');
  const debian: Readonly<Record<string, string>> = { bookworm: 'Debian 12', trixie: 'Debian 13', forky: 'Debian 14' };
  return `${debian[suite] ?? suite}${database ? ' with MySQL' : ''}`;
}

/**
 * The README with a fresh table of the servers that the tests ran on. It stands between `<!-- works with -->` and
 * `<!-- end -->`; all other text stays as it is.
 */
export async function readmePage(readme: string): Promise<string> {
  const records = readRecords(false) as SuiteRecord[];
  const rows = [...new Set(records.map(({ place }) => place))].map((place) => {
    const own = records.filter((record) => record.place === place);
    const version = (name: string): string => versionsOf(own, name);
    const mysql = version('mysql-server');
    const database = mysql === '' ? `MariaDB ${version('mariadb-server')}` : `MySQL ${mysql}`;
    const packages = ['neutron-server', 'ironic-common', 'python3-oslo.messaging'].map(version);
    const counts = (['passed', 'failed'] as const).map((count) =>
      String(own.reduce((total, record) => total + sum(record, count), 0)),
    );
    return [titleOf(place), version('rabbitmq-server'), database, ...packages, ...counts];
  });
  rows.sort(([one = ''], [other = '']) => one.localeCompare(other));
  const head = ['servers', 'RabbitMQ', 'database', 'Neutron', 'Ironic', 'oslo.messaging', 'passed', 'failed'];
  const options = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };
  const made = await format(table(head, rows), options);
  return readme.replace(
    /(<!-- works with -->\n).*?(\n<!-- end -->)/s,
    (_, begin: string, end: string) => `${begin}\n${made}${end}`,
  );
}

/** docs/compatibility.md: on which servers which suites ran, and what became of them. */
export async function compatibilityPage(): Promise<string> {
  const records = readRecords(false) as SuiteRecord[];
  const places = [...new Set(records.map(({ place }) => place))];
  const version = (place: string, name: string): string =>
    versionsOf(
      records.filter((record) => record.place === place),
      name,
    );
  const notes = records.flatMap((record) =>
    notesOf(record).map((note) => `- ${record.place}, ${record.suite}: ${note}`),
  );
  const text = [
    '# Compatibility\n',
    'Made by `script/docs` from the records of the last test runs in `docs/compatibility/`. A column is a set of servers: ' +
      "a Debian suite's own, and with `-mysql`, MySQL of Debian sid in place of MariaDB. " +
      '[contributing.md](contributing.md#worlds-servers-of-other-debian-suites) says how to run the tests there, and what of ' +
      'it CI runs.\n',
    '## Servers\n',
    table(
      ['server', ...places],
      Object.entries(SERVERS).map(([name, title]) => [title, ...places.map((place) => version(place, name))]),
    ),
    '\n## Suites\n',
    'Tests that passed / tests that failed.\n',
    suitesTable(records, places),
    `\nWhere it says so, a suite does not run: ${ABSENCES.map(({ why }) => why).join(' ')}`,
    ...(notes.length > 0 ? ['\n## Notes\n', ...notes] : []),
    '\n## Settings of deployment projects\n',
    "A conductor's settings of oslo.messaging (`[oslo_messaging_rabbit]`), as these projects give them, with Python's " +
      'oslo.messaging and the worker: calls, casts, results and fanout casts, whichever of the two comes first. ' +
      '`test/interop/deployment-settings.test.ts` has the settings, and what the worker must be given of them. An ' +
      'older oslo.messaging ignores what it does not know.\n',
    deploymentsTable(),
    '\n## Not tried\n',
    '- MySQL 8.',
    '- Ironic and Neutron with a RabbitMQ that refuses queues that are neither durable nor exclusive, as 4.3 does by default ' +
      "(Debian's package permits them). `test/interop/refused-queues.test.ts` tries the worker and oslo.messaging with it.",
    "- Neutron's mechanism drivers other than networking-baremetal and networking-generic-switch.",
    '- networking-baremetal after 6.0 alone: in the worlds, a driver of the tests takes its place.',
    '- OpenStack from packages other than those of Debian.',
  ].join('\n');
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown', proseWrap: 'always' });
}
