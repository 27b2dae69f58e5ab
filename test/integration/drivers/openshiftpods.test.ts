/** The `openshiftpods` driver in a launcher, over HTTPS, with calls that go wrong; more of that in test/real/clouds. */
import { walkedBriefly } from '../../support/cloud-walked.ts';
import { OPENSHIFTPODS } from '../../support/clouds/kubernetes.ts';

walkedBriefly(OPENSHIFTPODS);
