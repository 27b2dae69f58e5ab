/**
 * What an entry says of each service: `compute_api_version` and so on.
 */
import type { ServiceOptions, ServiceType } from '../cloud-config.ts';
import { asText, isPlain, isSet, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

/** The names by which options of a service may begin, the first found is taken. Facts: os-service-types. */
const PREFIXES: Readonly<Record<ServiceType, readonly string[]>> = {
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
  'block-storage': ['block_storage', 'volumev3', 'volumev2', 'volume', 'block_store'],
};

export function readServices(
  entry: Entry,
  config: Plain,
): Readonly<Record<ServiceType, ServiceOptions>> {
  const read = (type: ServiceType): ServiceOptions => readService(entry, config, type);
  return {
    compute: read('compute'),
    network: read('network'),
    image: read('image'),
    'block-storage': read('block-storage'),
  };
}

function readService(entry: Entry, config: Plain, type: ServiceType): ServiceOptions {
  const find = (option: string): unknown =>
    PREFIXES[type]
      .map((prefix) => config[`${prefix}_${option}`])
      .find((value) => value !== undefined && value !== null);
  const text = (option: string): string | undefined => {
    const value = asText(find(option));
    return value === '' ? undefined : value;
  };
  const isOn = config[`has_${type.replaceAll('-', '_')}`];
  return {
    isDisabled: isOn !== undefined && !isSet(isOn),
    interface: readInterface(entry, type, find('interface') ?? config.interface),
    regionName: text('region_name'),
    endpointOverride: ofRackspace(config, type, text('endpoint_override') ?? text('endpoint')),
    serviceType: text('service_type'),
    serviceName: text('service_name'),
    ...readVersions(entry, type, text('api_version'), text('default_microversion')),
  };
}

/** Of a list, the first. The older form `publicURL` means the same. */
function readInterface(
  entry: Entry,
  type: ServiceType,
  value: unknown,
): ServiceOptions['interface'] {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  const name = one === undefined || one === null ? 'public' : (asText(one) ?? '');
  const plain = name.replace(/URL$/, '');
  if (plain === 'public' || plain === 'internal' || plain === 'admin') return plain;
  throw wrong(entry, `the interface of ${type} must be public, internal or admin`);
}

/** A version with a point is a microversion, too; where that makes two of them, nobody knows which. */
function readVersions(
  entry: Entry,
  type: ServiceType,
  version: string | undefined,
  microversion: string | undefined,
): Pick<ServiceOptions, 'apiVersion' | 'defaultMicroversion'> {
  // As in openstacksdk, what is no number is not taken.
  if (version === undefined || !/^\d+(?:\.\d+)?$/.test(version))
    return { apiVersion: undefined, defaultMicroversion: microversion };
  const hasMicroversions = type === 'compute' || type === 'block-storage';
  if (!hasMicroversions || !version.includes('.'))
    return { apiVersion: version, defaultMicroversion: microversion };
  if (microversion !== undefined && microversion !== version)
    throw wrong(entry, `${type} has two microversions, in api_version and default_microversion`);
  return { apiVersion: version.replace(/\..*/, ''), defaultMicroversion: version };
}

/** Its catalog lacks the project in the address of the block storage that works. */
function ofRackspace(
  config: Plain,
  type: ServiceType,
  endpoint: string | undefined,
): string | undefined {
  if (endpoint === undefined || config.profile !== 'rackspace' || type !== 'block-storage')
    return endpoint;
  const project = isPlain(config.auth) ? asText(config.auth.project_id) : undefined;
  return `${endpoint}${project ?? ''}`;
}
