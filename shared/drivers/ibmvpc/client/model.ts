/**
 * What IBM's answers hold, as far as it is used. Pure.
 *
 * Facts: cloud.ibm.com/apidocs/vpc, resource-controller/resource-manager and resource-controller.
 */
import { z } from 'zod';

/** A resource group as other things refer to it; in the listing of images without its name. */
const groupReference = z.object({ id: z.string(), name: z.string().optional() });

const reasons = z.array(z.object({ code: z.string(), message: z.string() })).default([]);

export const instance = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.string(),
    status_reasons: reasons,
    lifecycle_state: z.string().optional(),
    lifecycle_reasons: reasons,
    resource_group: groupReference,
    profile: z.object({ name: z.string() }),
    zone: z.object({ name: z.string() }),
    vcpu: z.object({ count: z.number().optional() }).optional(),
    memory: z.number().optional(),
    primary_network_interface: z
      .object({
        id: z.string(),
        primary_ip: z.object({ address: z.string().optional() }).optional(),
        // What versions of the API before 2022-03-29 have instead.
        primary_ipv4_address: z.string().optional(),
      })
      .optional(),
  })
  .transform((raw) => ({
    ...{ id: raw.id, name: raw.name, group: raw.resource_group },
    /** `pending`, `starting`, `running`, `failed`, `deleting`, ...; more may come. */
    status: raw.status,
    /** A machine that cannot be started may be shown as stopped, with the reason. */
    isFailed:
      raw.status === 'failed' ||
      raw.lifecycle_state === 'failed' ||
      (raw.status === 'stopped' && raw.status_reasons.length > 0),
    isDeleting: raw.status === 'deleting' || raw.lifecycle_state === 'deleting',
    /** Why it is as it is. */
    reasons: [...raw.status_reasons, ...raw.lifecycle_reasons],
    profile: raw.profile.name,
    zone: raw.zone.name,
    /** Undefined: IBM does not say. */
    cores: raw.vcpu?.count,
    /** GiB. */
    memory: raw.memory,
    card: raw.primary_network_interface && {
      id: raw.primary_network_interface.id,
      address: addressOf(
        raw.primary_network_interface.primary_ip?.address ??
          raw.primary_network_interface.primary_ipv4_address,
      ),
    },
  }));

/** A machine. */
export type VpcInstance = z.output<typeof instance>;

export const floatingIp = z
  .object({
    id: z.string(),
    name: z.string(),
    address: z.string().default(''),
    status: z.string(),
    resource_group: groupReference,
    zone: z.object({ name: z.string() }),
    target: z.object({ id: z.string() }).optional(),
  })
  .transform((raw) => ({
    ...{ id: raw.id, name: raw.name, group: raw.resource_group, zone: raw.zone.name },
    /** `available`, `pending`, `failed`, `deleting`; more may come. */
    status: raw.status,
    address: raw.address,
    /** Id of the network interface that has it. Undefined: none. */
    targetId: raw.target?.id,
  }));

/** A public address. */
export type FloatingIp = z.output<typeof floatingIp>;

export const image = z
  .object({
    id: z.string(),
    name: z.string(),
    href: z.string().optional(),
    status: z.string(),
    status_reasons: reasons,
    owner_type: z.string().optional(),
    resource_group: groupReference,
    operating_system: z.record(z.string(), z.unknown()).optional(),
  })
  .transform((raw) => ({
    ...{ id: raw.id, name: raw.name, href: raw.href, group: raw.resource_group },
    /** `available`, `pending`, `failed`, `deleting`, `deprecated`, `obsolete`, ... */
    status: raw.status,
    reasons: raw.status_reasons,
    /** `user` or `provider`. */
    ownerType: raw.owner_type,
    /** By IBM's names: `architecture`, `display_name`, ... */
    operatingSystem: raw.operating_system ?? {},
  }));

export type VpcImage = z.output<typeof image>;

/** Fields of a profile whose value depends on something have none. */
const amount = z.object({ value: z.number().optional() }).optional();

export const profile = z
  .object({ name: z.string(), vcpu_count: amount, memory: amount })
  .transform((raw) => ({
    name: raw.name,
    /** Undefined: it depends. */
    cores: raw.vcpu_count?.value,
    /** GiB. */
    memory: raw.memory?.value,
  }));

/** A kind of machines. */
export type Profile = z.output<typeof profile>;

export const vpc = z.object({ id: z.string(), name: z.string() });

export type Vpc = z.output<typeof vpc>;

export const subnet = z
  .object({
    id: z.string(),
    name: z.string(),
    zone: z.object({ name: z.string() }),
    vpc: z.object({ id: z.string() }).optional(),
  })
  .transform((raw) => ({ id: raw.id, name: raw.name, zone: raw.zone.name, vpcId: raw.vpc?.id }));

export type Subnet = z.output<typeof subnet>;

export const key = z.object({ id: z.string(), name: z.string() });

/** A public SSH key. */
export type Key = z.output<typeof key>;

export const resourceGroup = z.object({
  id: z.string(),
  name: z.string(),
  /** `ACTIVE`, or another word. */
  state: z.string().optional(),
});

export type ResourceGroup = z.output<typeof resourceGroup>;

/** The answer to a creation says no more. */
export const createdGroup = z.object({ id: z.string() });

export const serviceInstance = z.object({ name: z.string(), crn: z.string() });

/** A service that somebody ordered, such as an object storage. */
export type ServiceInstance = z.output<typeof serviceInstance>;

/** An address that has not been chosen yet is `0.0.0.0`. */
function addressOf(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '0.0.0.0' ? undefined : text;
}
