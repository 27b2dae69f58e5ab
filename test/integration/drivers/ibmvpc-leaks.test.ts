/** Leaks of the `ibmvpc` driver; test/real/clouds lets calls go wrong in more ways. */
import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import { IBMVPC_LEAKS } from '../../support/clouds/ibmvpc-leaks.ts';

describe('leaks of the ibmvpc driver in a launcher', () => {
  const leaks = leaksOf(IBMVPC_LEAKS);
  leaksAreFound(IBMVPC_LEAKS, leaks);
  leaksGoThough(IBMVPC_LEAKS, leaks, ['lose']);
});
