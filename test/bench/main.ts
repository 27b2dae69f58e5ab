/** `npm run bench zookeeper|launcher|scale|dashboards|openstack|clouds|kube|drivers -- OPTIONS`: loads the one that is asked for. */
const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  zookeeper: async (args) => (await import('./zookeeper.ts')).benchZooKeeper(args),
  launcher: async (args) => (await import('./launcher.ts')).benchLauncher(args),
  scale: async (args) => (await import('./scale.ts')).benchScale(args),
  dashboards: async (args) => (await import('./dashboards.ts')).benchDashboards(args),
  clouds: async (args) => (await import('./clouds.ts')).benchClouds(args),
  kube: async (args) => (await import('./kube.ts')).benchKube(args),
  drivers: async (args) => (await import('./drivers.ts')).benchDrivers(args),
  openstack: async (args) => (await import('./openstack.ts')).benchOpenStack(args),
};

/** The command line is wrong: sysexits.h. */
const EX_USAGE = 64;

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const bench = benches[name];
  if (bench) return bench(args);
  process.stderr.write(`usage: npm run bench ${Object.keys(benches).join('|')} -- [options]\n`);
  process.exitCode = EX_USAGE;
}

await main(process.argv.slice(2));
