/**
 * The vendor's profile that an entry names: of clouds-public, of the table, or of the vendor's own site.
 */
import { messageOf } from '../../../../base/errors.ts';
import type { Logger } from '../../../../base/log.ts';
import type { Clouds } from './environment.ts';
import { isPlain, mergeDeep, omit, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';
import { vendors } from './vendors.ts';

/** Gets the JSON at a URL. */
export type FetchJson = (url: string) => Promise<unknown>;

interface Sources {
  readonly clouds: Clouds;
  readonly fetchJson: FetchJson;
  readonly log: Logger | undefined;
}

/** Undefined: the entry names none, or one that nobody knows, which is no error to openstacksdk. */
export async function findProfile(
  entry: Entry,
  config: Plain,
  { clouds, fetchJson, log }: Sources,
): Promise<Plain | undefined> {
  const name = 'profile' in config ? config.profile : config.cloud;
  if (typeof name !== 'string' || name === '' || name === clouds.environmentName) return undefined;
  const own = clouds.files.publicClouds[name];
  if (isPlain(own)) return own;
  const vendor = vendors.get(name);
  if (vendor?.status === 'shutdown')
    throw wrong(entry, `profile '${name}' is of a cloud that no longer exists`);
  if (vendor?.status === 'deprecated')
    log?.warn('the vendor profile is deprecated', { cloud: entry.cloud, profile: name });
  const url = vendor === undefined ? urlOf(name) : vendor.url;
  if (url !== undefined) return await fetchProfile(entry, url, fetchJson);
  if (vendor === undefined)
    log?.warn('nobody knows the vendor profile', { cloud: entry.cloud, profile: name });
  return vendor?.profile;
}

function urlOf(name: string): string | undefined {
  return /^\w+:\/\/[^/]/.test(name) ? name : undefined;
}

/** Facts: openstacksdk, openstack/config/vendors: the place, and that the local profile stands over. */
async function fetchProfile(entry: Entry, url: string, fetchJson: FetchJson): Promise<Plain> {
  const refuse = (why: string): Error => wrong(entry, `profile '${url}': ${why}`);
  let place: string;
  try {
    const { protocol, host } = new URL(url);
    place = `${protocol}//${host}/.well-known/openstack/api`;
  } catch {
    throw refuse('it is no URL');
  }
  let answer: unknown;
  try {
    answer = await fetchJson(place);
  } catch (error) {
    throw refuse(`it could not be fetched from ${place}: ${messageOf(error)}`);
  }
  if (!isPlain(answer) || typeof answer.name !== 'string' || !isPlain(answer.profile))
    throw refuse(`${place} has no name and profile`);
  const local = vendors.get(answer.name);
  const profile = mergeDeep(answer.profile, local?.profile ?? {});
  if (profile.status === 'shutdown' || local?.status === 'shutdown')
    throw refuse('the cloud no longer exists');
  return omit(profile, 'profile', 'status', 'message');
}
