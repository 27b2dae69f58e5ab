/** Leaks of the `gce` driver; test/real/clouds lets calls go wrong in more ways. */
import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import { GCE_LEAKS } from '../../support/clouds/gce-leaks.ts';

describe('leaks of the gce driver in a launcher', () => {
  const leaks = leaksOf(GCE_LEAKS);
  leaksAreFound(GCE_LEAKS, leaks);
  leaksGoThough(GCE_LEAKS, leaks, ['lose']);
});
