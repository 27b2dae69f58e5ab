/** The IBM Cloud in memory for the tests of test/support/cloud-leaks.ts. */
import { IbmSite, PROVIDER } from '../ibm-site.ts';
import type { LeakyCloud } from '../cloud-leaks.ts';

const NOBODY = '0000009999';
/** Of a build that is no more, and an upload. */
const UPLOAD = 'npimage-0123456789abcdef0123456789abcdef-0000000001';

/** What the driver goes by instead of tags. */
const placeOf = (provider: string, node = NOBODY) => ({
  group: `np_${provider}_main`,
  name: `np${node}`,
});

/** One of each kind that is of a node, or an upload, that is no more. */
function leaveBehind({ cloud: { plant } }: IbmSite): void {
  const target = plant.instance(placeOf(PROVIDER));
  plant.floatingIp({ ...placeOf(PROVIDER), target });
  // Of a second attempt.
  plant.floatingIp(placeOf(PROVIDER, `${NOBODY}-2`));
  plant.image({ group: `npimages_${PROVIDER}`, name: UPLOAD });
  plant.object(`npimages_${PROVIDER}/${UPLOAD}.qcow2`);
  plant.upload(`npimages_${PROVIDER}/${UPLOAD}.raw`);
}

/** What is nobody's business but its owners'. */
function plantLookAlikes({ cloud: { plant } }: IbmSite): void {
  const theirs = placeOf('another-provider');
  plant.floatingIp({ ...theirs, target: plant.instance(theirs) });
  // In our group, with a name that is no node's.
  const { group } = placeOf(PROVIDER);
  plant.instance({ group, name: 'np-bastion' });
  plant.floatingIp({ group, name: 'gateway' });
  // With a node's name, in nobody's group.
  plant.instance({ name: `np${NOBODY}1` });
  plant.floatingIp({ name: `np${NOBODY}1` });
  plant.instance();
  plant.image();
  plant.image({ group: 'npimages_another-provider', name: `${UPLOAD}1` });
  plant.object(`npimages_another-provider/${UPLOAD}.qcow2`);
  plant.upload(`npimages_another-provider/${UPLOAD}.qcow2`);
  // Python Nodepool's: nobody knows of which build they are.
  plant.image({ group: `npimages_${PROVIDER}`, name: 'npimage0000000001' });
  plant.object('npimage0000000001.qcow2');
}

/** The names of all that is there. */
function namesOf({ cloud: { instances, floatingIps, images, buckets } }: IbmSite): string[] {
  const shelves = [instances.instances, floatingIps.floatingIps, images.images];
  return [
    ...shelves.flatMap((shelf) => shelf.all().map(({ name }) => name)),
    ...[...buckets.buckets.values()].flatMap((bucket) => [...bucket.keys()]),
    ...[...buckets.uploads.values()].map(({ key }) => key),
  ].toSorted();
}

export const IBMVPC_LEAKS: LeakyCloud<IbmSite> = {
  driver: 'ibmvpc',
  open: async () => {
    const site = await IbmSite.open({}, { hasStorage: true });
    // As uploads have made it: what is new is known after a while only.
    site.cloud.resources.addGroup(`npimages_${PROVIDER}`);
    return site;
  },
  labels: ['small'],
  leaveBehind,
  plantLookAlikes,
  plantSecond: ({ cloud }, node) => {
    cloud.plant.instance(placeOf(PROVIDER, `${node}-2`));
  },
  census: namesOf,
  search: [
    ...['GET instances', 'GET floating_ips', 'GET images', 'GET resource_groups'],
    ...['ListObjectsV2', 'ListMultipartUploads'],
  ],
  deletion: [
    ...['DELETE instances/*', 'DELETE floating_ips/*', 'DELETE images/*'],
    ...['DeleteObject', 'AbortMultipartUpload'],
  ],
  look: 'GET floating_ips',
  looks: 2,
  kinds: ['instances', 'floatingips', 'images', 'objects'],
};
