/** The `openshift` driver in a launcher, over HTTPS, with calls that go wrong; more of that in test/real/clouds. */
import { walkedBriefly } from '../../support/cloud-walked.ts';
import { OPENSHIFT } from '../../support/clouds/kubernetes.ts';

walkedBriefly(OPENSHIFT);
