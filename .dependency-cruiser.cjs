// The import rules of docs/architecture.md. Every test run checks them. A folder may import only the folders that its line
// names, and all of them are on lower floors.
const FOLDERS = {
  log: ['json'],
  async: [],
  tracing: ['async', 'log'],
  contract: ['errors', 'json'],
  amqp: ['errors', 'async', 'log'],
  rpc: ['errors', 'amqp', 'async', 'tracing', 'log', 'json'],
  openstack: ['errors', 'async', 'tracing', 'log', 'json'],
  neutron: ['errors', 'openstack', 'async', 'log', 'json'],
  ironic: ['openstack', 'json'],
  state: ['errors', 'contract', 'async', 'log', 'json', 'migrations'],
  messages: ['rpc', 'amqp', 'neutron', 'state', 'contract', 'async', 'log'],
  inventory: ['errors', 'state', 'contract', 'json'],
  providers: ['neutron', 'openstack', 'contract', 'async', 'tracing', 'log', 'json'],
  worker: ['errors', 'providers', 'messages', 'rpc', 'amqp', 'state', 'contract', 'async', 'tracing', 'log', 'json'],
  client: ['messages', 'rpc', 'amqp', 'contract', 'async', 'log'],
  recovery: ['errors', 'worker', 'providers', 'messages', 'rpc', 'amqp', 'state', 'contract', 'async', 'log'],
  adoption: ['inventory', 'providers', 'ironic', 'neutron', 'state', 'contract', 'async'],
  config: ['errors', 'providers', 'messages', 'amqp', 'state', 'contract', 'async', 'log'],
  metrics: ['worker', 'rpc', 'amqp', 'openstack', 'contract', 'async', 'log', 'version'],
  doctor: ['errors', 'config', 'messages', 'rpc', 'amqp', 'neutron', 'openstack', 'state', 'contract', 'async'],
  api: [
    'errors',
    'client',
    'inventory',
    'metrics',
    'neutron',
    'openstack',
    'rpc',
    'amqp',
    'state',
    'contract',
    'async',
    'tracing',
    'log',
    'json',
  ],
  services: [
    'errors',
    'api',
    'adoption',
    'ironic',
    'doctor',
    'recovery',
    'metrics',
    'config',
    'client',
    'worker',
    'inventory',
    'providers',
    'messages',
    'rpc',
    'amqp',
    'neutron',
    'openstack',
    'state',
    'contract',
    'async',
    'tracing',
    'log',
    'version',
  ],
  cli: [
    'errors',
    'adoption',
    'ironic',
    'services',
    'doctor',
    'recovery',
    'config',
    'client',
    'inventory',
    'providers',
    'messages',
    'rpc',
    'amqp',
    'neutron',
    'openstack',
    'state',
    'contract',
    'async',
    'log',
    'json',
  ],
};

/** The files at the root of src, and what they import. */
const FILES = {
  'errors.ts': [],
  'json.ts': [],
  'version.ts': [],
  'index.ts': ['errors', 'client', 'providers', 'rpc', 'amqp', 'contract', 'log'],
  'main.ts': ['cli', 'services', 'version'],
};

const only = (name, from, allowed, own) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `src/${name} imports only: ${allowed.join(', ') || 'nothing of ours'}`,
  from: { path: from },
  to: { path: '^(src|migrations)/', pathNot: [...own, ...allowed].map((part) => `^(src/)?${part}(/|\\.ts$)`) },
});

/** The folders of the console's pages. None imports another. */
const PAGES = ['fleet', 'node', 'operations', 'repair', 'health'];

const CONSOLE = '^console/src/';

/** Pages import what all pages share, and nothing shared imports a page. Nothing in console/ is part of the service. */
const ofConsole = [
  {
    name: 'console-stands-alone',
    severity: 'error',
    comment: 'the console knows the API only by its answers',
    from: { path: CONSOLE },
    to: { path: '^(src|migrations|test|testkit|bench|chaos|demo)/' },
  },
  {
    name: 'not-to-console',
    severity: 'error',
    from: { path: '^(src|migrations)/' },
    to: { path: '^console/' },
  },
  {
    name: 'console-shared',
    severity: 'error',
    comment: 'api/ and look/ serve the pages, and import none',
    from: { path: `${CONSOLE}(api|look)/` },
    to: { path: `${CONSOLE}(${PAGES.join('|')}|frame|app|main)` },
  },
  {
    name: 'console-api',
    severity: 'error',
    comment: 'api/ shows nothing',
    from: { path: `${CONSOLE}api/` },
    to: { path: `${CONSOLE}look/` },
  },
  ...PAGES.map((page) => ({
    name: `console-page-${page}`,
    severity: 'error',
    comment: 'a page does not import another page',
    from: { path: `${CONSOLE}${page}/` },
    to: { path: `${CONSOLE}(${PAGES.filter((other) => other !== page).join('|')}|frame|app|main)` },
  })),
];

module.exports = {
  forbidden: [
    ...ofConsole,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-file-has-its-floor',
      severity: 'error',
      comment: 'a folder, or a file at the root of src, that has no line in this file',
      from: {},
      to: {
        path: '^src/',
        pathNot: [
          `^src/(${Object.keys(FOLDERS).join('|')})/`,
          ...Object.keys(FILES).map((file) => `^src/${file.replace('.', '\\.')}$`),
        ],
      },
    },
    ...Object.entries(FOLDERS).map(([name, allowed]) => only(name, `^src/${name}/`, allowed, [name])),
    ...Object.entries(FILES).map(([file, allowed]) => only(file, `^src/${file.replace('.', '\\.')}$`, allowed, [])),
    {
      name: 'traces-on-demand',
      severity: 'error',
      comment: "OpenTelemetry's SDK is loaded only where traces are wanted",
      from: { path: '^src/', pathNot: '^src/tracing/sdk\\.ts$' },
      to: { path: '@opentelemetry/(?!api/)' },
    },
    {
      name: 'traces-on-demand-too',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/tracing/sdk\\.ts$', dynamic: false },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'a module nobody imports is dead code',
      from: { orphan: true, path: '^(src|migrations|console/src)/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(test|testkit|bench|chaos|demo)/' },
    },
    {
      name: 'testkit-is-for-tests',
      severity: 'error',
      comment: 'testkit serves the tests, bench, chaos and demo; it imports none of them',
      from: { path: '^testkit/' },
      to: { path: '^(test|bench|chaos|demo)/' },
    },
    {
      name: 'no-dev-packages',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '/generated/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    // The package.json in src/ and migrations/ only says how Node.js loads them; the packages are in the first one.
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
