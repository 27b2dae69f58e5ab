/**
 * From files and environment to the typed configuration of one cloud in one region.
 */
import { systemClock } from '../../../../base/clock.ts';
import type { Clock } from '../../../../base/clock.ts';
import { ConfigError } from '../../../../base/errors.ts';
import type { Logger } from '../../../../base/log.ts';
import { withDeadline } from '../../../../base/wait.ts';
import type { CloudConfig } from '../cloud-config.ts';
import { collectClouds } from './environment.ts';
import type { Clouds } from './environment.ts';
import { readCloudFiles } from './files.ts';
import type { Surroundings } from './files.ts';
import { mergeCloud } from './merge.ts';
import { findProfile } from './profile.ts';
import type { FetchJson } from './profile.ts';
import { readCloud } from './read.ts';
import { isPlain, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export interface LoadCloudOptions extends Surroundings {
  /** Its name in clouds.yaml. Undefined: OS_CLOUD, else that of the environment, else the only one. */
  readonly cloud: string | undefined;
  /** Undefined: the cloud's first. */
  readonly regionName: string | undefined;
  readonly log?: Logger;
  /** Ends the fetch of a vendor's profile, the only thing that may take long. */
  readonly signal?: AbortSignal;
  /** How that is fetched. Default: over HTTP, with ten seconds. */
  readonly fetchJson?: FetchJson;
}

/**
 * @throws ConfigError where the cloud is unknown or its entry wrong. It names cloud, file and option,
 * never a value that may be secret.
 */
export async function loadCloud(options: LoadCloudOptions): Promise<CloudConfig> {
  const { entry, config, forceIpv4 } = await loadMerged(options);
  return readCloud(config, { ...options, entry, forceIpv4 });
}

export interface MergedCloud {
  readonly entry: Entry;
  /** As openstacksdk has it in CloudRegion.config, before any of it is typed. */
  readonly config: Plain;
  readonly forceIpv4: boolean;
}

export async function loadMerged(options: LoadCloudOptions): Promise<MergedCloud> {
  const { environment, log, regionName } = options;
  const files = await readCloudFiles(options, log);
  const clouds = collectClouds(files, environment);
  const { entry, config } = choose(clouds, options.cloud);
  const fetchJson = options.fetchJson ?? overHttp(systemClock, options.signal);
  const profile = await findProfile(entry, config, { clouds, fetchJson, log });
  const merged = mergeCloud({ entry, config, profile, regionName });
  return { entry, config: merged, forceIpv4: clouds.forceIpv4 };
}

function choose(clouds: Clouds, wanted: string | undefined): { entry: Entry; config: Plain } {
  const name = wanted ?? clouds.defaultName;
  const config = name === undefined ? undefined : clouds.entries.get(name);
  if (name === undefined || config === undefined) throw notFound(clouds, name);
  const file = name === clouds.environmentName ? undefined : clouds.files.cloudsFile;
  const entry = { cloud: name, file };
  if (!isPlain(config)) throw wrong(entry, 'must be a mapping');
  return { entry, config };
}

function notFound({ entries, files }: Clouds, name: string | undefined): ConfigError {
  const { cloudsFile, searched, skipped } = files;
  const known = [...entries.keys()].map((one) => `'${one}'`).join(', ');
  const parts = [
    name === undefined
      ? 'no cloud is named, and there is not exactly one'
      : `there is no cloud '${name}'`,
    `known are ${known === '' ? 'none' : known}`,
    cloudsFile === undefined
      ? `no file of clouds was found, looked for ${searched.join(', ')}`
      : `read was ${cloudsFile}`,
    ...skipped.map((one) => `passed over was ${one}`),
  ];
  return new ConfigError('NP_CONFIG_INVALID', parts.join('; '), {
    hint: 'OS_CLIENT_CONFIG_FILE names another file.',
  });
}

/** openstacksdk waits as long. */
const PROFILE_MS = 10_000;

function overHttp(clock: Clock, outer: AbortSignal | undefined): FetchJson {
  return (url) =>
    withDeadline(
      {
        clock,
        ms: PROFILE_MS,
        signal: outer ?? new AbortController().signal,
        error: () => new ConfigError('NP_CONFIG_INVALID', 'no answer within 10 s'),
      },
      async (signal) => {
        const answer = await fetch(url, { signal });
        if (!answer.ok) throw new ConfigError('NP_CONFIG_INVALID', `status ${answer.status}`);
        return await answer.json();
      },
    );
}
