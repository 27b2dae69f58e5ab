/**
 * A Nodepool driver that is a package of its own: nodepool.yaml names this folder, or the package once it
 * is installed, under `extensions: drivers: park: module:`. What it is built on comes as `kit`: nothing of
 * nodepool-ts is imported.
 *
 * `driver: park` rents machines of an imaginary car park of computers, whose HTTP interface is that of
 * fixtures/example-cloud. docs/driver-author.md says what a driver has to do.
 */
import { ParkClient } from './client.js';
import { ParkProvider } from './provider.js';

export { section } from './section.js';

/** What Nodepool's section has no words for: `extensions: drivers: park:`. */
const extensionOf = ({ z }) => z.strictObject({ endpoint: z.url({ protocol: /^https?$/ }) });

/** `fetch`: how to reach the park; tests give their own. */
export function driver(kit, fetch = globalThis.fetch) {
  return {
    name: 'park',
    async connect(config, env, signal) {
      const { success, data, error } = extensionOf(kit).safeParse(env.extension ?? {});
      if (!success)
        throw new kit.ConfigError(
          'NP_CONFIG_INVALID',
          `extensions: drivers: park: ${kit.z.prettifyError(error)}`,
        );
      const client = new ParkClient(kit, {
        baseUrl: `${data.endpoint.replace(/\/+$/, '')}/v1/${encodeURIComponent(config.options.area)}/park`,
        // Secrets come from the environment, never from nodepool.yaml.
        token: env.environment.PARK_TOKEN ?? '',
        calls: new kit.CloudCalls({ ...env, callsPerSecond: config.callsPerSecond }),
        ...{ clock: env.clock, onHttp: env.onHttp, fetch },
      });
      try {
        // Proves the token, and is needed anyway.
        const kinds = await client.kinds(signal);
        return new ParkProvider(kit, { config, env, client, kinds });
      } catch (failure) {
        client.close();
        throw failure;
      }
    },
  };
}
