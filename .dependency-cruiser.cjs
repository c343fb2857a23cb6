// Who may import whom: the map in docs/architecture.md, checked on every test run.
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${from} imports only: ${allowed.join(', ') || 'nothing of ours'}`,
  from: { path: `^src/${from}/` },
  to: { path: '^(src|migrations)/', pathNot: [from, ...allowed].map((part) => `^(src/)?${part}(/|\\.ts$|\\.js$)`) },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    only('log', 'log', []),
    only('rpc', 'rpc', ['tracing', 'log']),
    only('neutron', 'neutron', ['tracing', 'log']),
    only('contract', 'contract', []),
    only('messages', 'messages', ['rpc', 'contract']),
    only('providers', 'providers', ['contract', 'neutron', 'tracing', 'log']),
    only('state', 'state', ['contract', 'log', 'migrations']),
    only('inventory', 'inventory', ['contract', 'state', 'log']),
    only('api', 'api', ['inventory', 'contract', 'neutron', 'state', 'rpc', 'client', 'metrics', 'tracing', 'log']),
    only('doctor', 'doctor', ['rpc', 'contract', 'neutron', 'state', 'worker', 'config']),
    only('metrics', 'metrics', ['rpc', 'contract', 'neutron', 'worker', 'log', 'version']),
    only('worker', 'worker', ['messages', 'rpc', 'contract', 'providers', 'state', 'tracing', 'log']),
    {
      name: 'cli-is-the-top',
      severity: 'error',
      comment: 'cli is imported by main.ts alone',
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts$)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'doctor-is-of-the-command-line',
      severity: 'error',
      comment: 'doctor is imported by cli alone',
      from: { path: '^src/', pathNot: '^src/(cli|doctor)/' },
      to: { path: '^src/doctor/' },
    },
    {
      name: 'traces-on-demand',
      severity: 'error',
      comment: "OpenTelemetry's SDK is loaded only where traces are wanted",
      from: { path: '^src/', pathNot: '^src/tracing-sdk\\.ts$' },
      to: { path: '@opentelemetry/(?!api/)' },
    },
    {
      name: 'traces-on-demand-too',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/tracing-sdk\\.ts$', dynamic: false },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'a module nobody imports is dead code',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
    { name: 'not-to-test', severity: 'error', from: { path: '^(src|migrations)/' }, to: { path: '^(test|bench)/' } },
    {
      name: 'no-dev-packages',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '/generated/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
