/**
 * Which fields a node's record gets from the image, from the request and from the machine. Pure.
 */
import type { PoolConfig, ProviderImage } from '../../schemas/config/model.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { ExternalId, Instance, RequestFacts } from '../../shared/drivers/driver.ts';

/** How to log in, as the image says; the machine may know better later. */
export function loginFields(image: ProviderImage): Partial<NodeRecord> {
  return {
    username: image.username ?? null,
    python_path: image.pythonPath,
    shell_type: image.shellType ?? null,
    connection_type: image.connectionType,
    connection_port: image.connectionPort,
    ssh_port: image.connectionPort,
  };
}

/** What a machine with an address adds. */
export function instanceFields(instance: Instance, pool: PoolConfig): Partial<NodeRecord> {
  const publicIpv4 = instance.publicIpv4 ?? null;
  const privateIpv4 = instance.privateIpv4 ?? null;
  const internal = privateIpv4 ?? instance.privateIpv6 ?? null;
  const port = instance.connectionPort;
  return {
    external_id: ownId(instance.externalId),
    interface_ip: pool.useInternalIp && internal !== null ? internal : instance.interfaceIp,
    public_ipv4: publicIpv4,
    private_ipv4: privateIpv4,
    public_ipv6: instance.publicIpv6 ?? null,
    host_id: instance.hostId ?? null,
    cloud: instance.cloud ?? null,
    region: instance.region ?? null,
    az: instance.availabilityZone ?? null,
    ...(instance.resources && { resources: { ...instance.resources } }),
    ...(instance.driverData !== undefined && { driver_data: instance.driverData }),
    ...(instance.slot !== undefined && { slot: instance.slot }),
    ...(instance.nodeProperties && { node_properties: { ...instance.nodeProperties } }),
    ...(instance.nodeAttributes && {
      attributes: { ...instance.nodeAttributes, ...pool.nodeAttributes },
    }),
    ...(instance.username !== undefined && { username: instance.username }),
    ...(instance.pythonPath !== undefined && { python_path: instance.pythonPath }),
    ...(instance.shellType !== undefined && { shell_type: instance.shellType }),
    ...(instance.connectionType !== undefined && { connection_type: instance.connectionType }),
    ...(port !== undefined && { connection_port: copyPort(port), ssh_port: copyPort(port) }),
    ...(instance.hostKeys && { host_keys: [...instance.hostKeys] }),
  };
}

/** What dynamic tags may refer to. */
export function requestFacts(id: string, request: RequestRecord): RequestFacts {
  return {
    id,
    labels: request.node_types,
    requestor: request.requestor,
    requestorData: request.requestor_data,
    relativePriority: request.relative_priority,
    eventId: request.event_id,
    createdTime: request.created_time,
    tenantName: request.tenant_name,
  };
}

/** Tags on everything that a launch makes in the cloud. */
export function launchMetadata(
  node: string,
  pool: string,
  provider: string,
): Record<string, string> {
  return {
    nodepool_node_id: node,
    nodepool_pool_name: pool,
    nodepool_provider_name: provider,
  };
}

export function ownId(id: ExternalId): NodeRecord['external_id'] {
  return typeof id === 'string' ? id : { ...id };
}

function copyPort(port: NonNullable<Instance['connectionPort']>): NodeRecord['connection_port'] {
  return typeof port === 'number' ? port : { ...port };
}
