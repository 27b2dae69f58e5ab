/**
 * From the catalog's address of a service to that of the version that we speak, with as few calls as
 * will do:
 *
 *   version in the address, no microversions in use    none
 *   version in the address                             one, to that version
 *   no version, or another one                         one, to the root
 *
 * Facts: keystoneauth1/discover.py, api-guide of each service.
 */
import { CloudError } from '../../../base/errors.ts';
import { checkedAddress } from './address.ts';
import type { ServiceType } from './cloud-config.ts';
import type { HttpAnswer } from '../../../cloud/http-transport.ts';
import {
  endpointParts,
  majorOf,
  newestOf,
  offeredVersions,
  versionUrl,
  type EndpointParts,
  type MicroversionRange,
} from './versions.ts';

export interface Endpoint {
  /** With version, and project where the catalog has it; without a slash at the end. */
  readonly url: string;
  /** Undefined: the service knows none. */
  readonly microversions: MicroversionRange | undefined;
}

export interface DiscoveryOptions {
  readonly type: ServiceType;
  /** Of the catalog or clouds.yaml. */
  readonly address: string;
  /** `..._api_version` of clouds.yaml. */
  readonly apiVersion: string | undefined;
  /** Any status below 500 is an answer. */
  readonly get: (url: string) => Promise<HttpAnswer>;
}

/** Those that our calls are written for; the first is the default. */
const MAJORS: Readonly<Record<ServiceType, readonly number[]>> = {
  compute: [2],
  network: [2],
  image: [2],
  'block-storage': [3, 2],
};
/** Where a service does not tell its versions. */
const USUAL_PATHS: Readonly<Record<ServiceType, string>> = {
  compute: 'v2.1',
  network: 'v2.0',
  image: 'v2',
  'block-storage': 'v3',
};
const WITH_MICROVERSIONS: readonly ServiceType[] = ['compute', 'block-storage'];

export async function discover(options: DiscoveryOptions): Promise<Endpoint> {
  const { type, get } = options;
  const address = checkedAddress(options.address, `the endpoint of ${type}`);
  const parts = endpointParts(address);
  const major = wantedMajor(type, options.apiVersion);
  if (parts.version === undefined || majorOf(parts.version) !== major)
    return fromRoot(parts, major, options);
  if (!WITH_MICROVERSIONS.includes(type)) return { url: address, microversions: undefined };
  const { body } = await get(`${parts.base}/${parts.version}/`);
  const itself = newestOf(offeredVersions(body) ?? [], major);
  return { url: address, microversions: itself?.microversions };
}

async function fromRoot(
  parts: EndpointParts,
  major: number,
  { type, get }: DiscoveryOptions,
): Promise<Endpoint> {
  const { body } = await get(`${parts.base}/`);
  const versions = offeredVersions(body) ?? [];
  const project = parts.project === undefined ? '' : `/${parts.project}`;
  if (versions.length === 0 && parts.version === undefined)
    return { url: `${parts.base}/${USUAL_PATHS[type]}`, microversions: undefined };
  const newest = newestOf(versions, major);
  if (newest !== undefined)
    return {
      url: versionUrl(parts.base, newest) + project,
      microversions: newest.microversions,
    };
  const offered = versions.length === 0 ? [parts.version] : versions.map(({ id }) => id);
  throw new CloudError(
    'NP_CLOUD_FATAL',
    `${type} at ${parts.base} speaks no version ${major}, ` + `but ${offered.join(', ')}`,
    { hint: 'correct the endpoint in the catalog or in clouds.yaml' },
  );
}

/** What clouds.yaml asks for, if our calls are written for it; its files may be older than them. */
function wantedMajor(type: ServiceType, apiVersion: string | undefined): number {
  const asked = majorOf(apiVersion);
  const [usual = 0] = MAJORS[type];
  return asked !== undefined && MAJORS[type].includes(asked) ? asked : usual;
}
