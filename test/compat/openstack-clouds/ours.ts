/** Our configuration of a cloud in the words of judge.py. */
import type {
  Authentication,
  CloudConfig,
  Scope,
  ServiceOptions,
} from '../../../shared/drivers/openstack/client/cloud-config.ts';
import type { MergedCloud } from '../../../shared/drivers/openstack/client/clouds/load.ts';

export function asTheirs(cloud: CloudConfig, merged: MergedCloud): Record<string, unknown> {
  const { networks, floatingIpSource, forceIpv4, useExternalNetwork, useInternalNetwork } =
    cloud.networking;
  return plain({
    name: cloud.name,
    region: cloud.regionName ?? '',
    config: merged.config,
    token: tokenRequest(cloud.auth),
    verify: cloud.tls.verify && (cloud.tls.caFile ?? true),
    cert: certificate(cloud.tls),
    services: Object.fromEntries(
      Object.entries(cloud.services).map(([type, options]) => [type, service(cloud, options)]),
    ),
    networks: networks.map((one) => ({
      name: one.name,
      routes_externally: one.routesExternally,
      routes_ipv4_externally: one.routesIpv4Externally,
      routes_ipv6_externally: one.routesIpv6Externally,
      nat_source: one.natSource,
      nat_destination: one.natDestination,
      default_interface: one.defaultInterface,
    })),
    floating_ip_source: floatingIpSource,
    private: cloud.networking.private,
    use_external_network: useExternalNetwork,
    use_internal_network: useInternalNetwork,
    force_ipv4: forceIpv4,
    image_format: cloud.imageFormat,
    image_api_use_tasks: cloud.imageApiUseTasks,
    api_timeout: cloud.apiTimeoutSeconds ?? null,
  });
}

/** As it is after the way through JSON. */
function plain(value: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

function certificate({ certFile, keyFile }: CloudConfig['tls']): unknown {
  if (certFile === undefined) return null;
  return keyFile === undefined ? certFile : [certFile, keyFile];
}

function service({ auth, regionName }: CloudConfig, options: ServiceOptions): unknown {
  // Without keystone and token, the one endpoint is that of each service.
  const common =
    auth.method === 'none' && auth.token === undefined ? (auth.endpoint ?? null) : null;
  return {
    interface: options.interface,
    region: options.regionName ?? regionName ?? '',
    endpoint: options.endpointOverride ?? common,
    type: options.serviceType ?? null,
    name: options.serviceName ?? null,
    version: options.apiVersion ?? null,
    microversion: options.defaultMicroversion ?? null,
    disabled: options.isDisabled ?? false,
  };
}

function tokenRequest(auth: Authentication): unknown {
  switch (auth.method) {
    case 'none':
      // keystoneauth sends a word for none.
      return { endpoint: auth.endpoint ?? null, token: auth.token ?? null };
    case 'password': {
      const password = { user: { ...auth.user, password: auth.password } };
      return withScope(auth.authUrl, { methods: ['password'], password }, auth.scope);
    }
    case 'token':
      return withScope(auth.authUrl, { methods: ['token'], token: { id: auth.token } }, auth.scope);
    case 'application-credential': {
      const credential = { ...auth.credential, secret: auth.secret };
      const identity = {
        methods: ['application_credential'],
        application_credential: credential,
      };
      return { url: auth.authUrl, identity };
    }
  }
}

function withScope(url: string, identity: unknown, scope: Scope): unknown {
  const wanted = scopeOf(scope);
  return wanted === undefined ? { url, identity } : { url, identity, scope: wanted };
}

function scopeOf(scope: Scope): Readonly<Record<string, unknown>> | undefined {
  switch (scope.kind) {
    case 'project':
      return { project: scope.project };
    case 'domain':
      return { domain: scope.domain };
    case 'system':
      return { system: { all: true } };
    case 'trust':
      return { 'OS-TRUST:trust': { id: scope.id } };
    case 'unscoped':
      return undefined;
  }
}
