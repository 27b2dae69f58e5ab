/**
 * What holds where nothing is said. Facts: openstacksdk 4.22, openstack/config/defaults.{py,json}; only
 * what this driver uses.
 */
import type { Plain } from './values.ts';

export function defaults(): Plain {
  return {
    api_timeout: null,
    verify: true,
    cacert: null,
    cert: null,
    key: null,
    auth_type: 'password',
    interface: 'public',
    floating_ip_source: 'neutron',
    image_api_use_tasks: false,
    image_format: 'qcow2',
    network_api_version: '2',
  };
}
