/**
 * The clouds: those of the files and the one that the environment makes.
 *
 * OS_ variables make a cloud of their own, `envvars` or whatever OS_CLOUD_NAME says. They do not
 * change a cloud of the files, but for OS_FORCE_IPV4 and OS_PREFER_IPV6, which hold for all.
 */
import { ConfigError } from '../../../../base/errors.ts';
import { defaults } from './defaults.ts';
import type { CloudFiles, Surroundings } from './files.ts';
import { isPlain, isTrue } from './values.ts';
import type { Plain } from './values.ts';

type Environment = Surroundings['environment'];

export interface Clouds {
  readonly files: CloudFiles;
  /** By name; what an entry holds is not checked yet. */
  readonly entries: ReadonlyMap<string, unknown>;
  /** The name of the cloud that the environment makes, whether it does or not. */
  readonly environmentName: string;
  /** The cloud that is taken where none is named. */
  readonly defaultName: string | undefined;
  /** Whether IPv6 is not used, for all clouds that do not say so themselves. */
  readonly forceIpv4: boolean;
}

/** Those do not make a cloud by themselves. */
const SELECTORS = new Set([
  'OS_CLOUD',
  'OS_REGION_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
  'OS_CLOUD_NAME',
]);
/** Variables of the test tools of OpenStack. */
const IGNORED = /^OS_(?:TEST|STD|LOG)/;

export function collectClouds(files: CloudFiles, environment: Environment): Clouds {
  const { clouds, client } = files.content;
  const entries = new Map<string, unknown>(isPlain(clouds) ? Object.entries(clouds) : []);
  const environmentName = environment.OS_CLOUD_NAME ?? 'envvars';
  if (entries.has(environmentName))
    throw new ConfigError(
      'NP_CONFIG_INVALID',
      `${files.cloudsFile ?? 'a file'} has a cloud '${environmentName}', which is also the name of the cloud of the environment variables`,
      { hint: 'Rename one of them; OS_CLOUD_NAME is the name of the latter.' },
    );
  const ofEnvironment = cloudOf(environment);
  if (ofEnvironment !== undefined) entries.set(environmentName, ofEnvironment);
  return {
    files,
    entries,
    environmentName,
    defaultName: defaultName(environment, entries, ofEnvironment && environmentName),
    forceIpv4: forcesIpv4(isPlain(client) ? client : {}, environment),
  };
}

function cloudOf(environment: Environment): Plain | undefined {
  const names = Object.keys(environment).filter(
    (name) => name.startsWith('OS_') && !IGNORED.test(name) && environment[name] !== undefined,
  );
  if (names.every((name) => SELECTORS.has(name))) return undefined;
  const cloud = defaults();
  for (const name of names) cloud[name.slice('OS_'.length).toLowerCase()] = environment[name];
  return cloud;
}

function defaultName(
  environment: Environment,
  entries: ReadonlyMap<string, unknown>,
  ofEnvironment: string | undefined,
): string | undefined {
  const { OS_CLOUD } = environment;
  if (OS_CLOUD !== undefined && OS_CLOUD !== '') return OS_CLOUD;
  if (ofEnvironment !== undefined) return ofEnvironment;
  return entries.size === 1 ? [...entries.keys()][0] : undefined;
}

function forcesIpv4(client: Plain, environment: Environment): boolean {
  const setting = (variable: string, names: readonly string[], otherwise: boolean): boolean => {
    const name = names.find((one) => Object.hasOwn(client, one));
    const inFile = name === undefined ? otherwise : client[name];
    return isTrue(environment[variable] ?? inFile);
  };
  const prefersIpv6 = setting('OS_PREFER_IPV6', ['prefer_ipv6', 'prefer-ipv6'], true);
  return !prefersIpv6 || setting('OS_FORCE_IPV4', ['force_ipv4', 'broken-ipv6'], false);
}
