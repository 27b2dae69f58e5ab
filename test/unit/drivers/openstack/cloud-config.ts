/** A cloud as clouds.yaml would name it, where a test says nothing else. */
import type {
  CloudConfig,
  ServiceOptions,
} from '../../../../shared/drivers/openstack/client/cloud-config.ts';

export const SECRET = 'hush-hush';

export const noOptions: ServiceOptions = {
  interface: 'public',
  regionName: undefined,
  endpointOverride: undefined,
  serviceType: undefined,
  serviceName: undefined,
  apiVersion: undefined,
  defaultMicroversion: undefined,
};

/** User `zuul` of project `ci`. */
export function cloudConfig(changes: Partial<CloudConfig> = {}): CloudConfig {
  const domain = { name: 'Default' };
  return {
    name: 'mycloud',
    regionName: 'R',
    auth: {
      method: 'password',
      authUrl: 'http://keystone/v3',
      user: { name: 'zuul', domain },
      password: SECRET,
      scope: { kind: 'project', project: { name: 'ci', domain } },
    },
    tls: { verify: true, caFile: undefined, certFile: undefined, keyFile: undefined },
    services: {
      compute: noOptions,
      network: noOptions,
      image: noOptions,
      'block-storage': noOptions,
    },
    networking: {
      networks: [],
      floatingIpSource: 'neutron',
      private: false,
      forceIpv4: false,
      useExternalNetwork: true,
      useInternalNetwork: true,
    },
    imageFormat: 'qcow2',
    apiTimeoutSeconds: undefined,
    imageApiUseTasks: false,
    ...changes,
  };
}
