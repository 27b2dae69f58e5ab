/** The house's borders (docs/architecture.md): imports point down only. */
const inside = (path) => ({ path: `^(${path})/` });

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: inside('launcher|builder|shared|schemas'),
      to: inside('test|fixtures|contrib'),
    },
    {
      name: 'daemons-apart',
      severity: 'error',
      from: inside('launcher'),
      to: inside('builder|shared/cli'),
    },
    {
      name: 'daemons-apart-2',
      severity: 'error',
      from: inside('builder'),
      to: inside('launcher|shared/cli'),
    },
    {
      name: 'cli-needs-no-daemon',
      severity: 'error',
      from: inside('shared'),
      to: inside('launcher|builder'),
    },
    {
      name: 'schemas-at-the-bottom',
      severity: 'error',
      from: inside('schemas'),
      to: { path: '^(launcher|builder|shared)/', pathNot: '^shared/base/' },
    },
    {
      name: 'base-at-the-bottom',
      severity: 'error',
      from: inside('shared/base'),
      to: { path: '^(launcher|builder|schemas|shared)/', pathNot: '^shared/base/' },
    },
    {
      name: 'zookeeper-knows-no-nodepool',
      severity: 'error',
      from: inside('shared/zookeeper'),
      to: { path: '^(shared|schemas)/', pathNot: '^shared/(zookeeper|base)/' },
    },
    {
      name: 'telemetry-is-low',
      severity: 'error',
      from: inside('shared/telemetry'),
      to: { path: '^shared/', pathNot: '^shared/(telemetry|base)/' },
    },
    {
      name: 'cloud-is-low',
      severity: 'error',
      from: inside('shared/cloud'),
      to: { path: '^shared/', pathNot: '^shared/(cloud|base|telemetry)/' },
    },
    {
      name: 'store-below-daemons',
      severity: 'error',
      from: inside('shared/store'),
      to: { path: '^shared/', pathNot: '^shared/(store|base|telemetry|zookeeper)/' },
    },
    {
      name: 'config-below-daemons',
      severity: 'error',
      from: inside('shared/config'),
      to: { path: '^shared/', pathNot: '^shared/(config|base|telemetry)/' },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: inside('shared/rules'),
      to: { path: '^shared/', pathNot: '^shared/(rules/|base/|drivers/driver\\.ts$)' },
    },
    {
      name: 'asking-below-daemons',
      severity: 'error',
      from: inside('shared/asking'),
      to: { path: '^shared/', pathNot: '^shared/(asking|build-logs|base)/' },
    },
    {
      name: 'driver-is-alone',
      severity: 'error',
      from: { path: '^shared/drivers/([^/]+)/' },
      to: {
        path: '^shared/',
        pathNot: '^shared/(drivers/driver\\.ts|drivers/$1/|drivers/pods/|cloud/|base/)',
      },
    },
    {
      name: 'pods-are-of-clusters',
      severity: 'error',
      from: {
        path: '^shared/drivers/',
        pathNot: '^shared/drivers/(kubernetes|openshift|openshiftpods|pods)/',
      },
      to: inside('shared/drivers/pods'),
    },
    {
      name: 'web-reads-the-store',
      severity: 'error',
      from: inside('shared/web'),
      to: {
        path: '^shared/',
        pathNot: '^shared/(web|store|config|asking|build-logs|base|telemetry|zookeeper)/',
      },
    },
    {
      name: 'page-is-alone',
      severity: 'error',
      from: inside('shared/web/dashboard'),
      to: { pathNot: '^shared/web/dashboard/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-runs-in-browsers',
      severity: 'error',
      from: { path: '^(launcher|builder|shared|schemas)/', pathNot: '^shared/web/dashboard/' },
      to: inside('shared/web/dashboard'),
    },
    {
      name: 'no-dev-dependency-shipped',
      severity: 'error',
      from: inside('launcher|builder|shared|schemas'),
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
