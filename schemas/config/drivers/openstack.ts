/**
 * Provider sections of `openstack`, and of `fake`, which has the same options.
 *
 * Whether `cloud` exists in clouds.yaml is for the driver to find out: this file knows no other.
 * Facts: nodepool/driver/openstack/config.py.
 */
import { z } from 'zod';

import {
  all,
  atLeastOne,
  atMostOne,
  exactlyOne,
  flag,
  fraction,
  free,
  loose,
  sections,
  text,
  texts,
  whole,
  withFacts,
} from '../kit.ts';
import type { Path } from '../kit.ts';
import type { PoolConfig, PoolLabel, ProviderImage } from '../model.ts';
import {
  cloudImageReadings,
  connectionOptions,
  diskimageOptions,
  diskimageReadings,
  imageOptions,
  interpreterOptions,
  requireDiskimage,
} from './parts/image.ts';
import type { ImageOptions } from './parts/image.ts';
import { bootLabelOptions, labelReadings, plainLabel, requireCloudImage } from './parts/label.ts';
import {
  labelList,
  limitsOf,
  poolList,
  poolOptions,
  poolQuotaOptions,
  poolReading,
  poolReadings,
} from './parts/pool.ts';
import {
  dynamic,
  hostKeyChecking,
  launchOptions,
  launchReading,
  providerOptions,
} from './parts/provider.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const configDrive = () => flag('Attach a config drive. Default: what the cloud does.').optional();

const diskimage = () =>
  z.strictObject({
    ...diskimageOptions(),
    meta: free('Properties of the uploaded image.').default({}),
    'config-drive': configDrive(),
    ...connectionOptions,
  });

const cloudImage = () =>
  withFacts(
    z.strictObject({
      name: text("Name for labels to refer to; also the cloud's, if neither id nor name is given."),
      'image-id': loose('Id of the image in the cloud; used without a look.').optional(),
      'image-name': loose('Name or id of the image in the cloud.').optional(),
      'config-drive': configDrive(),
      username: text('User to log in as.').optional(),
      ...interpreterOptions,
      ...connectionOptions,
    }),
    { check: atMostOne('image-id', 'image-name') },
  );

const label = () =>
  withFacts(
    z.strictObject({
      ...bootLabelOptions(),
      diskimage: text('Boot from the newest upload of this disk image.').optional(),
      'min-ram': whole(
        'Take the smallest flavor with this much memory, in MiB. 0: by `flavor-name` alone.',
      ).default(0),
      'flavor-name': loose(
        'Exact name or id of the flavor; with `min-ram`, a text that its name contains.',
      ).optional(),
      'key-name': text('SSH key pair of the cloud.').optional(),
      'console-log': flag('Log the console of a node whose key scan failed.').default(false),
      'boot-from-volume': flag('Boot from a new volume made of the image.').default(false),
      'volume-size': whole('Size of that volume, in GB.').default(50),
      'instance-properties': free('Metadata of the server.').default({}),
      'dynamic-instance-properties': dynamic('Metadata of the server').default({}),
      userdata: text('User data of the server.').optional(),
      networks: texts("Networks by name or id, instead of the pool's.").optional(),
      'host-key-checking': flag("Instead of the pool's.").optional(),
    }),
    {
      check: all(exactlyOne('diskimage', 'cloud-image'), atLeastOne('min-ram', 'flavor-name')),
    },
  );

const pool = () =>
  z.strictObject({
    ...poolOptions,
    ...poolQuotaOptions,
    'max-volumes': whole('Most volumes at once. Default: no limit.').optional(),
    'max-volume-gb': whole('Most volume space at once, in GB. Default: no limit.').optional(),
    'ignore-provider-quota': flag('Do not ask the cloud for its quota.').default(false),
    'availability-zones': texts('Zones to choose from. Default: all of the cloud.').optional(),
    networks: texts('Networks by name or id.').default([]),
    'security-groups': texts('Security groups of the servers.').default([]),
    'auto-floating-ip': flag('Give servers a floating IP where they need one.').default(true),
    'host-key-checking': hostKeyChecking().default(true),
    labels: labelList(label()).default([]),
  });

const schema = () =>
  z.strictObject({
    ...providerOptions,
    cloud: text('Entry of clouds.yaml.'),
    'region-name': text('Region of the cloud.').optional(),
    rate: withFacts(fraction('Seconds between two calls to the cloud. 0: no limit.').default(1), {
      mustNotBeEmpty: true,
    }),
    ...launchOptions(60),
    'image-upload-timeout': whole('Seconds for the upload of an image.').default(3600),
    'image-name-format': text(
      'Name of uploaded images, with `{image_name}`, `{upload_id}`, `{timestamp}`.',
    ).default('{image_name}-{timestamp}'),
    'clean-floating-ips': flag('Delete floating IPs of the project that nobody uses.').default(
      false,
    ),
    'port-cleanup-interval': whole(
      'Seconds between two looks for ports that are left behind. 0: never.',
    ).default(600),
    'post-upload-hook': text('Command to run after each upload.').optional(),
    'nodepool-id': withFacts(text('Deprecated.').optional(), {
      ignored: 'it has no meaning any more',
    }),
    diskimages: sections(diskimage(), 'Disk images to upload.').default([]),
    'cloud-images': sections(cloudImage(), 'Images that exist in the cloud.').default([]),
    pools: poolList(pool()).default([]),
  });

type Section = z.output<ReturnType<typeof schema>>;
type Pool = z.output<ReturnType<typeof pool>>;
type Label = z.output<ReturnType<typeof label>>;
type Diskimage = z.output<ReturnType<typeof diskimage>>;

export interface OpenStackOptions {
  readonly cloud: string;
  readonly regionName: string | undefined;
  readonly imageUploadTimeoutSeconds: number;
  readonly cleanFloatingIps: boolean;
  readonly portCleanupIntervalSeconds: number;
}

export type OpenStackDiskimageOptions = ImageOptions<Diskimage>;

export type OpenStackCloudImageOptions = ImageOptions<z.output<ReturnType<typeof cloudImage>>>;

export interface OpenStackPoolOptions {
  readonly networks: readonly string[];
  readonly securityGroups: readonly string[];
  readonly autoFloatingIp: boolean;
}

export interface OpenStackLabelOptions {
  /** MiB; 0: not asked for. */
  readonly minRamMib: number;
  readonly flavorName: string | undefined;
  readonly keyName: string | undefined;
  readonly bootFromVolume: boolean;
  readonly volumeSizeGb: number;
  readonly instanceProperties: Readonly<Record<string, unknown>>;
  readonly dynamicInstanceProperties: Readonly<Record<string, unknown>>;
  readonly userdata: string | undefined;
  readonly networks: readonly string[];
}

/** How to log in is a property of the build here, not of the provider's entry. */
function withLogin(image: Diskimage, context: ReadContext) {
  const built = context.diskimages.get(image.name);
  return { ...image, 'python-path': built?.pythonPath, 'shell-type': built?.shellType };
}

function readLabel(one: Label, owner: Pool): PoolLabel<OpenStackLabelOptions> {
  return plainLabel(one.name, {
    cloudImage: one['cloud-image'],
    diskimage: one.diskimage,
    hostKeyChecking: one['host-key-checking'] ?? owner['host-key-checking'],
    consoleLog: one['console-log'],
    options: {
      minRamMib: one['min-ram'],
      flavorName: one['flavor-name'],
      keyName: one['key-name'],
      bootFromVolume: one['boot-from-volume'],
      volumeSizeGb: one['volume-size'],
      instanceProperties: one['instance-properties'],
      dynamicInstanceProperties: one['dynamic-instance-properties'],
      userdata: one.userdata,
      networks: one.networks ?? owner.networks,
    },
  });
}

interface PoolScope {
  readonly section: Section;
  readonly cloudImages: ReadonlyMap<string, ProviderImage>;
  readonly context: ReadContext;
}

function readPool(one: Pool, path: Path, scope: PoolScope): PoolConfig<OpenStackPoolOptions> {
  const { context, cloudImages } = scope;
  const labels = labelReadings(one.labels, [...path, 'labels'], context, (entry, place) => {
    requireCloudImage(entry['cloud-image'], cloudImages, place, context);
    // The top-level list decides: an image that this provider does not upload only fails to launch.
    if (entry.diskimage !== undefined && entry.diskimage !== '')
      requireDiskimage(entry.diskimage, [...place, 'diskimage'], context);
    return readLabel(entry, one);
  });
  const options: OpenStackPoolOptions = {
    networks: one.networks,
    securityGroups: one['security-groups'],
    autoFloatingIp: one['auto-floating-ip'],
  };
  return poolReading(scope.section, one, {
    limits: limitsOf({
      instances: one['max-servers'],
      cores: one['max-cores'],
      ram: one['max-ram'],
      volumes: one['max-volumes'],
      'volume-gb': one['max-volume-gb'],
    }),
    labels,
    ignoreProviderQuota: one['ignore-provider-quota'],
    availabilityZones: one['availability-zones'] ?? [],
    options,
  });
}

function read(section: Section, context: ReadContext) {
  const cloudImages = cloudImageReadings(
    section['cloud-images'],
    context,
    (image): OpenStackCloudImageOptions => imageOptions(image),
  );
  const scope = { section, cloudImages, context };
  const pools = poolReadings(section.pools, context, (one, path) => readPool(one, path, scope));
  const diskimages = diskimageReadings(
    section.diskimages.map((image) => withLogin(image, context)),
    // The format of a real cloud stands in clouds.yaml; this is the default there.
    { context, format: context.driver === 'fake' ? 'qcow2' : undefined },
    (image): OpenStackDiskimageOptions => imageOptions(image),
  );
  const options: OpenStackOptions = {
    cloud: section.cloud,
    regionName: section['region-name'],
    imageUploadTimeoutSeconds: section['image-upload-timeout'],
    cleanFloatingIps: section['clean-floating-ips'],
    portCleanupIntervalSeconds: section['port-cleanup-interval'],
  };
  return {
    ...launchReading(section),
    callsPerSecond: section.rate > 0 ? 1 / section.rate : Infinity,
    diskimages,
    cloudImages,
    pools,
    options,
  };
}

export const openstackSection: AnyDriverSection = defineDriver({
  name: 'openstack',
  about: 'Servers of an OpenStack cloud.',
  managesImages: true,
  schema,
  read,
});

export const fakeSection: AnyDriverSection = defineDriver({
  name: 'fake',
  about: "A cloud that exists only in the launcher's memory, with the options of `openstack`.",
  managesImages: true,
  schema,
  read,
});
