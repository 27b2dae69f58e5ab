/** The `openstack` driver in a launcher with a configuration that asks for what there is not. */
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { OpenStackSite, PROVIDER } from '../../support/openstack-site.ts';

misconfiguredCloud<OpenStackSite>({
  driver: 'openstack',
  provider: PROVIDER,
  open: () => OpenStackSite.open(),
  ofProvider: [
    {
      what: 'clouds.yaml has no such cloud',
      break: (site) => site.writeClouds({ other: site.entry() }),
      words: [/there is no cloud 'memory'/, /known are 'other'/, /read was [^ ]*clouds.yaml/],
      mend: (site) => site.writeClouds({ memory: site.entry() }),
    },
    {
      what: 'the password is wrong',
      break: (site) => site.writeClouds({ memory: site.entry({ password: 'mistyped' }) }),
      words: [/status 401/, /entry memory of clouds.yaml: keystone at http.* refuses .*nodepool/],
      mend: (site) => site.writeClouds({ memory: site.entry() }),
    },
    {
      what: 'the region is none of the catalog',
      break: (site) => site.writeClouds({ memory: site.entry({ region_name: 'RegionTwo' }) }),
      words: [/the catalog has no region RegionTwo, but RegionOne/],
      mend: (site) => site.writeClouds({ memory: site.entry() }),
    },
    {
      what: 'clouds.yaml names a network that the cloud has not',
      break: (site) => site.writeClouds({ memory: site.entry({ networks: [{ name: 'absent' }] }) }),
      words: [/clouds.yaml: there is no network absent/, /the cloud has: .*private.*public/],
      mend: ({ cloud }) => cloud.network.addNetwork({ name: 'absent', cidrs: ['127.82.0.0/16'] }),
    },
  ],
  ofLabel: [
    {
      what: 'flavor',
      label: { 'flavor-name': 'huge' },
      words: [/no flavor for flavor-name: huge/, /the cloud has: .*small \(2048 MiB\)/],
      mend: ({ cloud: { compute } }) =>
        compute.flavors.push({ ...compute.flavor('small'), id: 'huge-id', name: 'huge' }),
    },
    {
      what: 'flavor with enough memory',
      label: { 'flavor-name': '', 'min-ram': 100_000 },
      words: [/no flavor for min-ram: 100000/, /the cloud has: .*large \(8192 MiB\)/],
      mend: ({ cloud: { compute } }) => {
        const small = compute.flavor('small');
        compute.flavors.push({ ...small, id: 'huge-id', name: 'huge', ramMib: 100_000 });
      },
    },
    {
      what: 'image',
      provider: { 'cloud-images': [{ name: 'image' }, { name: 'newer', 'image-name': 'image-2' }] },
      label: { 'cloud-image': 'newer' },
      words: [/cloud image not found.*"image":"image-2"/, /"existing":"image"/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
    {
      what: 'network',
      label: { networks: ['absent'] },
      words: [/label wanted: there is no network absent/, /the cloud has: .*private.*public/],
      mend: ({ cloud }) => cloud.network.addNetwork({ name: 'absent', cidrs: ['127.82.0.0/16'] }),
    },
  ],
  changes: [
    {
      what: 'goes on with the password that clouds.yaml has now where the old one is refused',
      steps: [
        (site) => {
          const { identity } = site.cloud;
          identity.password = 'rotated';
          identity.revokeAll();
          return site.writeClouds({ memory: site.entry({ password: 'rotated' }) });
        },
      ],
    },
    {
      what: 'serves a request though flavor and image have been replaced',
      steps: [
        ({ cloud: { compute } }) => {
          const at = compute.flavors.indexOf(compute.flavor('small'));
          compute.flavors[at] = { ...compute.flavor('small'), id: 'another-id' };
        },
        ({ cloud: { images, plant } }) => {
          for (const { id } of images.images.all()) images.images.delete(id);
          plant.image({ name: 'image' });
        },
      ],
    },
  ],
});
