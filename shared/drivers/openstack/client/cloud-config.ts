/**
 * What `clouds.yaml` and the environment say of one cloud and region, merged, checked and typed.
 *
 * Names are those of the file in camel case. Facts: openstacksdk, openstack/config.
 */
import type { TlsOptions } from '../../../cloud/http-connections.ts';

/** The services that Nodepool calls, by the type that the catalog knows them under. */
export type ServiceType = 'compute' | 'network' | 'image' | 'block-storage';

export interface CloudConfig {
  /** The entry's name. */
  readonly name: string;
  /** The region; undefined where the cloud has none: the catalog's only one is taken. */
  readonly regionName: string | undefined;
  readonly auth: Authentication;
  readonly tls: TlsOptions;
  readonly services: Readonly<Record<ServiceType, ServiceOptions>>;
  readonly networking: Networking;
  /** Format of uploaded images: `image_format`. Default qcow2. */
  readonly imageFormat: string;
  /** Seconds for one call: `api_timeout`. Undefined: the driver's default. */
  readonly apiTimeoutSeconds: number | undefined;
  /** Whether images are imported by a task from the object store: `image_api_use_tasks`. */
  readonly imageApiUseTasks: boolean;
}

/** How to get a token. `auth_type` decides; `none` needs none and takes fixed endpoints. */
export type Authentication =
  | {
      readonly method: 'password';
      readonly authUrl: string;
      readonly user: Named;
      readonly password: string;
      readonly scope: Scope;
    }
  | {
      readonly method: 'token';
      readonly authUrl: string;
      readonly token: string;
      readonly scope: Scope;
    }
  | {
      readonly method: 'application-credential';
      readonly authUrl: string;
      /** By id, or by its name together with its user. */
      readonly credential:
        { readonly id: string } | { readonly name: string; readonly user: Named };
      readonly secret: string;
    }
  | {
      readonly method: 'none';
      /** `admin_token` brings one that needs no keystone; `none` none. */
      readonly token: string | undefined;
      readonly endpoint: string | undefined;
    };

/** An id, or a name within a domain. */
export type Named =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference | undefined };

export type DomainReference = { readonly id: string } | { readonly name: string };

export type Scope =
  | { readonly kind: 'project'; readonly project: Named }
  | { readonly kind: 'domain'; readonly domain: DomainReference }
  | { readonly kind: 'system' }
  | { readonly kind: 'trust'; readonly id: string }
  | { readonly kind: 'unscoped' };

export interface ServiceOptions {
  /** The service is not used, though the catalog may have it: `has_network: false`. Default false. */
  readonly isDisabled?: boolean;
  /** Which of the catalog's endpoints. Default public. */
  readonly interface: 'public' | 'internal' | 'admin';
  /** Instead of the cloud's region. */
  readonly regionName: string | undefined;
  /** Instead of the catalog's endpoint: `compute_endpoint_override`. */
  readonly endpointOverride: string | undefined;
  /** Instead of the type by which the catalog is searched: `compute_service_type`. */
  readonly serviceType: string | undefined;
  /** The catalog's name of the service: `compute_service_name`. */
  readonly serviceName: string | undefined;
  /** Major version: `compute_api_version`, such as `2` or `2.1`. */
  readonly apiVersion: string | undefined;
  /** `compute_default_microversion`; stands over what the driver asks for. */
  readonly defaultMicroversion: string | undefined;
}

/** How addresses are found and made. Facts: openstack/config/cloud_region.py, cloud/meta.py. */
export interface Networking {
  readonly networks: readonly NetworkRole[];
  /** Who has floating IPs: `floating_ip_source`; `none` where the cloud has none. Default neutron. */
  readonly floatingIpSource: 'neutron' | 'nova' | 'none';
  /** The private address is the one to connect to. */
  readonly private: boolean;
  /** IPv6 addresses are not used. */
  readonly forceIpv4: boolean;
  readonly useExternalNetwork: boolean;
  readonly useInternalNetwork: boolean;
}

/** An entry of `networks` in clouds.yaml, with the defaults that openstacksdk derives. */
export interface NetworkRole {
  /** Name or id. */
  readonly name: string;
  readonly routesExternally: boolean;
  readonly routesIpv4Externally: boolean;
  readonly routesIpv6Externally: boolean;
  readonly natSource: boolean;
  readonly natDestination: boolean;
  readonly defaultInterface: boolean;
}
