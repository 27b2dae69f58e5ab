/** Services, TLS and networks. */
import { cloud, simple } from './kit.ts';
import type { Case } from './kit.ts';

export const services: readonly Case[] = [
  {
    name: 'options of services',
    files: cloud(
      'interface: internal, compute_interface: admin, compute_endpoint_override: http://n, network_endpoint: http://q, image_region_name: I, image_service_type: img, compute_service_name: nova, compute_default_microversion: 2.79, network_api_version: 3',
    ),
  },
  {
    name: 'names of block storage',
    files: cloud(
      'volume_api_version: 2, volumev3_endpoint_override: http://v3, volume_endpoint_override: http://v, volumev2_endpoint_override: http://v2, volume_service_name: v, block_store_service_name: b, volumev2_service_type: volumev2, block_store_interface: internal, block-storage-region-name: B',
    ),
  },
  {
    name: 'a microversion as version',
    files: cloud('compute_api_version: "2.90", block_storage_api_version: 3.59'),
  },
  {
    name: 'two microversions',
    files: cloud('compute_api_version: 2.90, compute_default_microversion: 2.1'),
    refused: /compute has two microversions/,
  },
  { name: 'a version that is none', files: cloud('compute_api_version: latest') },
  { name: 'endpoint_type', files: cloud('endpoint_type: internal, image_endpoint_type: admin') },
  { name: 'a service that is off', files: cloud('has_network: false') },
  { name: 'insecure', files: cloud('insecure: true, cacert: /ca') },
  { name: 'insecure as text', files: cloud('insecure: "True"') },
  { name: 'not verified', files: cloud('verify: false, cacert: /ca') },
  { name: 'an authority', files: cloud('cacert: ~/ca.pem, cert: ~/c.pem, key: ~/k.pem') },
  { name: 'a certificate with its key', files: cloud('cert: /c.pem') },
  { name: 'verify as file', files: cloud('verify: /ca.pem') },
  {
    name: 'the authority of requests',
    files: simple,
    environment: { REQUESTS_CA_BUNDLE: '/bundle.pem', CURL_CA_BUNDLE: '/other.pem' },
  },
  {
    name: 'an authority goes before that of requests',
    files: cloud('cacert: /ca.pem'),
    environment: { REQUESTS_CA_BUNDLE: '/bundle.pem' },
  },
  { name: 'api_timeout', files: cloud('api_timeout: 30') },
  { name: 'a timeout of a service', files: cloud('api_timeout: 30, compute_timeout: 12.5') },
  { name: 'another timeout of a service', files: cloud('compute_api_timeout: 12') },
  { name: 'images', files: cloud('image_format: raw, image_api_use_tasks: true') },
  {
    name: 'what is not for us',
    files: cloud(
      'rate_limit: {compute: 2}, concurrency: {compute: 1}, metrics: {statsd: {host: h}}, cache: false',
    ),
  },
];

export const networking: readonly Case[] = [
  {
    name: 'networks',
    files: cloud(
      'networks: [{name: e, routes_externally: true, default_interface: true, nat_source: true}, {name: 7, nat_destination: "True"}, {name: s, routes_externally: true, routes_ipv4_externally: false, nat_destination: no}, {name: x, routes_ipv6_externally: true}]',
    ),
  },
  {
    name: 'two destinations',
    files: cloud('networks: [{name: a, nat_destination: true}, {name: b, nat_destination: true}]'),
    refused: /networks 'a' and 'b' both have nat_destination/,
  },
  {
    name: 'two default interfaces',
    files: cloud(
      'networks: [{name: a, default_interface: true}, {name: b, default_interface: true}]',
    ),
    refused: /networks 'a' and 'b' both have default_interface/,
  },
  {
    name: 'two sources',
    files: cloud('networks: [{name: a, nat_source: true}, {name: b, nat_source: true}]'),
  },
  {
    name: 'a network without a name',
    files: cloud('networks: [{}]'),
    refused: /networks has no name/,
  },
  {
    name: 'networks and external_network',
    files: cloud('networks: [], external_network: a'),
    refused: /has external_network and networks/,
  },
  { name: 'floating IPs of nova', files: cloud('floating_ip_source: Nova') },
  { name: 'no floating IPs', files: cloud('floating_ip_source: None') },
  { name: 'null for floating IPs', files: cloud('floating_ip_source: ') },
  { name: 'false for floating IPs', files: cloud('floating_ip_source: false') },
  { name: 'something else for floating IPs', files: cloud('floating_ip_source: dragons') },
  {
    name: 'private',
    files: cloud('private: true, use_external_network: false, use_internal_network: false'),
  },
];
