/** The `openstack` driver in a launcher, over HTTP, with calls that go wrong; in further ways in test/real/clouds. */
import { walkedCloud } from '../../support/cloud-walked.ts';
import { OPENSTACK } from '../../support/clouds/openstack.ts';

walkedCloud(OPENSTACK);
