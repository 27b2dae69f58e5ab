/** Builders as the launcher knows them: who is online, where to ask them, what they build. */
import type { Config } from '../../../schemas/config/model.ts';
import { builderTargets } from '../../asking/builders.ts';
import type { KnownBuild } from '../../asking/choose-log.ts';
import type { Target } from '../../asking/targets.ts';
import { parseBuildPath } from '../../store/paths.ts';
import type { Store } from '../../store/store.ts';

export interface BuilderSource {
  /** Web servers of all builders that are online, and of further hosts, as records name them. */
  targets(further?: readonly string[]): readonly Target[];
  /** Builds of an image that ZooKeeper knows. */
  buildsOf(image: string): KnownBuild[];
  /**
   * Builders keep their web servers to their own machines, and this one is open to others: through it
   * nobody reads logs who could not read them there.
   */
  areLogsKept(): boolean;
}

export function storeBuilders(
  store: Store,
  { config, hostname }: { readonly config: () => Config; readonly hostname: string },
): BuilderSource {
  return {
    targets: (further = []) => {
      const online = store.components.ofKind('builder').map(({ record }) => record.hostname);
      const known = new Set(online.map(shortName));
      const others = further.filter((host) => !known.has(shortName(host)));
      return builderTargets([...online, ...others], config(), hostname);
    },
    buildsOf: (image) =>
      [...store.images.builds.values()].flatMap(({ path, record }) => {
        const key = parseBuildPath(path);
        return key?.image === image ? [{ build: key.build, record }] : [];
      }),
    areLogsKept: () => {
      const { webapp, extensions } = config();
      return (
        isOwnMachine(extensions.builder.web.listenAddress) && !isOwnMachine(webapp.listenAddress)
      );
    },
  };
}

/** Records have the full name of a host, registrations the short one. */
function shortName(host: string): string {
  return host.split('.', 1)[0] ?? host;
}

function isOwnMachine(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}
