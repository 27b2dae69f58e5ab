import { startSshServer } from '../../../fixtures/ssh/server.ts';
import { lendingDriver } from '../../support/driver-conformance.ts';
import { connectStatic } from '../../support/static-provider.ts';

lendingDriver('static', async () => {
  const server = await startSshServer();
  const { provider, inventory } = await connectStatic(`
    - {name: 127.0.0.1, labels: [one], connection-port: ${server.port}, timeout: 1}
    - {name: 127.0.0.2, labels: [one], connection-port: ${server.port}, max-parallel-jobs: 3}`);
  return {
    provider,
    inventory,
    stopHosts: () => server.stop(),
    async close() {
      await provider.close();
      await server.stop();
    },
  };
});
