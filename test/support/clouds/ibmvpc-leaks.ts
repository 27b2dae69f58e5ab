/** The IBM Cloud in memory for the tests of test/support/cloud-leaks.ts. */
import { IbmSite, PROVIDER } from '../ibm-site.ts';
import type { LeakyCloud } from '../cloud-leaks.ts';

const NOBODY = '0000009999';

/** What the driver goes by instead of tags. */
const placeOf = (provider: string, node = NOBODY) => ({
  group: `np_${provider}_main`,
  name: `np${node}`,
});

/** One of each kind that is of a node that is no more; one address leads to the instance. */
function leaveBehind({ cloud: { plant } }: IbmSite): void {
  const target = plant.instance(placeOf(PROVIDER));
  plant.floatingIp({ ...placeOf(PROVIDER), target });
  // Of a second attempt.
  plant.floatingIp(placeOf(PROVIDER, `${NOBODY}-2`));
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
}

/** The names of all that is there. */
function namesOf({ cloud: { instances, floatingIps, images } }: IbmSite): string[] {
  const shelves = [instances.instances, floatingIps.floatingIps, images.images];
  return shelves.flatMap((shelf) => shelf.all().map(({ name }) => name)).toSorted();
}

export const IBMVPC_LEAKS: LeakyCloud<IbmSite> = {
  driver: 'ibmvpc',
  open: () => IbmSite.open(),
  labels: ['small'],
  leaveBehind,
  plantLookAlikes,
  plantSecond: ({ cloud }, node) => {
    cloud.plant.instance(placeOf(PROVIDER, `${node}-2`));
  },
  census: namesOf,
  search: ['GET instances', 'GET floating_ips', 'GET images', 'GET resource_groups'],
  deletion: ['DELETE instances/*', 'DELETE floating_ips/*'],
  look: 'GET floating_ips',
  looks: 2,
  kinds: ['instance', 'floatingip'],
};
