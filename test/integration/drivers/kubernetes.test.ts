/** The `kubernetes` driver in a launcher, over HTTPS, with calls that go wrong; in further ways in test/real/clouds. */
import { walkedCloud } from '../../support/cloud-walked.ts';
import { KUBERNETES } from '../../support/clouds/kubernetes.ts';

walkedCloud(KUBERNETES);
