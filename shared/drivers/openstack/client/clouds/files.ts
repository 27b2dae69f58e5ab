/**
 * The files: `clouds`, `secure` and `clouds-public`, each the first of its name that can be read.
 *
 * Facts: openstacksdk 4.22, openstack/config/loader.py.
 */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import { ConfigError, messageOf } from '../../../../base/errors.ts';
import type { Logger } from '../../../../base/log.ts';
import { parseText, UnreadableText } from './parse.ts';
import { isPlain, mergeDeep } from './values.ts';
import type { Plain } from './values.ts';

/** Where the process stands. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly workingDirectory: string;
}

export interface CloudFiles {
  /** The file of clouds; undefined: none was found. */
  readonly cloudsFile: string | undefined;
  /** `clouds` with `secure` merged over it. */
  readonly content: Plain;
  /** `public-clouds` of clouds-public: the operator's own vendor profiles. */
  readonly publicClouds: Plain;
  /** Where clouds was looked for. */
  readonly searched: readonly string[];
  /** Files that were there but could not be read, with the reason. */
  readonly skipped: readonly string[];
}

const SUFFIXES = ['.yaml', '.yml', '.json'];

/** OS_CLIENT_VENDOR_FILE is of os-client-config; openstacksdk no longer knows it. */
export async function readCloudFiles(
  surroundings: Surroundings,
  log: Logger | undefined,
): Promise<CloudFiles> {
  const { environment } = surroundings;
  const skipped: string[] = [];
  const find = async (paths: readonly string[]): Promise<Found> => {
    const found = await firstReadable(paths, (path, reason) => {
      skipped.push(`${path}: ${reason}`);
      log?.warn('skipping a file of clouds', { path, reason });
    });
    return found ?? { path: undefined, content: {} };
  };
  const searched = candidates('clouds', environment.OS_CLIENT_CONFIG_FILE, surroundings);
  const clouds = await find(searched);
  const secure = await find(candidates('secure', environment.OS_CLIENT_SECURE_FILE, surroundings));
  const vendors = await find(candidates('clouds-public', undefined, surroundings));
  const publicClouds = vendors.content['public-clouds'];
  return {
    cloudsFile: clouds.path ?? secure.path,
    content: mergeDeep(clouds.content, secure.content),
    publicClouds: isPlain(publicClouds) ? publicClouds : {},
    searched,
    skipped,
  };
}

interface Found {
  readonly path: string | undefined;
  readonly content: Plain;
}

function candidates(
  name: string,
  explicit: string | undefined,
  surroundings: Surroundings,
): string[] {
  const paths = searchPath(surroundings).flatMap((folder) =>
    SUFFIXES.map((suffix) => join(folder, `${name}${suffix}`)),
  );
  return explicit === undefined || explicit === '' ? paths : [explicit, ...paths];
}

/** Relative values of XDG variables are ignored. Of several site folders each is looked at. */
function searchPath({ environment, homeDirectory, workingDirectory }: Surroundings): string[] {
  const { XDG_CONFIG_HOME = '', XDG_CONFIG_DIRS = '', SNAP_REAL_HOME = '' } = environment;
  const site = XDG_CONFIG_DIRS.split(':').filter((one) => isAbsolute(one));
  const folders = [
    workingDirectory,
    join(isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : `${homeDirectory}/.config`, 'openstack'),
    // In a snap, the home folder is not the user's.
    join(SNAP_REAL_HOME === '' ? homeDirectory : SNAP_REAL_HOME, '.config/openstack'),
    ...(site.length > 0 ? site : ['/etc/xdg']).map((one) => join(one, 'openstack')),
    '/etc/openstack',
  ];
  return [...new Set(folders)];
}

/** What cannot be read or parsed is passed over, as openstacksdk does. */
async function firstReadable(
  paths: readonly string[],
  skip: (path: string, reason: string) => void,
): Promise<Found | undefined> {
  for (const path of paths) {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') skip(path, code ?? messageOf(error));
      continue;
    }
    try {
      return { path, content: mapping(path, parseText(text, kindOf(path))) };
    } catch (error) {
      if (!(error instanceof UnreadableText)) throw error;
      skip(path, error.message);
    }
  }
  return undefined;
}

function kindOf(path: string): 'yaml' | 'json' {
  return path.endsWith('json') ? 'json' : 'yaml';
}

function mapping(path: string, value: unknown): Plain {
  if (value === null || value === undefined) return {};
  if (isPlain(value)) return value;
  throw new ConfigError('NP_CONFIG_INVALID', `${path} must be a mapping with a key 'clouds'`);
}
