/**
 * The merged record of a cloud, checked and typed.
 */
import { join } from 'node:path';

import type { TlsOptions } from '../../../../cloud/http-connections.ts';
import type { CloudConfig, Networking } from '../cloud-config.ts';
import { authTypeOf } from './auth-types.ts';
import type { Surroundings } from './files.ts';
import { networkRoles } from './networks.ts';
import { readAuthentication } from './read-auth.ts';
import { readServices } from './read-services.ts';
import { asText, isPlain, isSet, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export interface ReadContext {
  readonly entry: Entry;
  readonly environment: Surroundings['environment'];
  readonly homeDirectory: string;
  /** For clouds that do not say so themselves. */
  readonly forceIpv4: boolean;
}

export function readCloud(config: Plain, context: ReadContext): CloudConfig {
  const { entry } = context;
  const type = authTypeOf(entry, config.auth_type);
  const regionName = asText(config.region_name);
  return {
    name: entry.cloud,
    regionName: regionName === '' ? undefined : regionName,
    auth: readAuthentication(entry, type, isPlain(config.auth) ? config.auth : {}),
    tls: readTls(config, context),
    services: readServices(entry, config),
    networking: readNetworking(config, context),
    imageFormat: readFormat(entry, config.image_format),
    apiTimeoutSeconds: readTimeout(entry, config.api_timeout),
    imageApiUseTasks: isSet(config.image_api_use_tasks),
  };
}

/** `insecure` stands over `verify`. Facts: CloudRegion.get_requests_verify_args, and requests. */
function readTls(config: Plain, { environment, homeDirectory }: ReadContext): TlsOptions {
  const path = (value: unknown): string | undefined => {
    const text = asText(value);
    if (text === undefined || text === '') return undefined;
    return text === '~' || text.startsWith('~/') ? join(homeDirectory, text.slice(1)) : text;
  };
  const certFile = path(config.cert);
  const common = { certFile, keyFile: certFile === undefined ? undefined : path(config.key) };
  const verify = config.verify ?? true;
  if (config.insecure === true || verify === false || verify === '')
    return { ...common, verify: false, caFile: undefined };
  // Where `verify` is a text it is the file of the authorities.
  const named = path(config.cacert) ?? (verify === true ? undefined : asText(verify));
  const ofRequests = path(environment.REQUESTS_CA_BUNDLE) ?? path(environment.CURL_CA_BUNDLE);
  return { ...common, verify: true, caFile: named ?? ofRequests };
}

function readNetworking(config: Plain, { entry, forceIpv4 }: ReadContext): Networking {
  const setting = (option: string, otherwise: boolean): boolean =>
    option in config ? isSet(config[option]) : otherwise;
  return {
    networks: networkRoles(entry, config),
    floatingIpSource: readFloatingIpSource(config.floating_ip_source),
    private: setting('private', false),
    forceIpv4: setting('force_ipv4', forceIpv4) || !setting('prefer_ipv6', true),
    useExternalNetwork: setting('use_external_network', true),
    useInternalNetwork: setting('use_internal_network', true),
  };
}

/** What is neither of the two has no floating IPs, whatever it says: so it is in openstacksdk. */
function readFloatingIpSource(value: unknown): Networking['floatingIpSource'] {
  const source = typeof value === 'string' ? value.toLowerCase() : '';
  return source === 'neutron' || source === 'nova' ? source : 'none';
}

function readFormat(entry: Entry, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(entry, 'image_format must be the name of a format');
}

function readTimeout(entry: Entry, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && seconds > 0) return seconds;
  throw wrong(entry, 'api_timeout must be a number of seconds above 0');
}
