import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import { createKubernetesDriver } from '../../../../shared/drivers/kubernetes/driver.ts';
import { createOpenshiftDriver } from '../../../../shared/drivers/openshift/driver.ts';
import { connectIn, type PartsOptions } from '../../../../shared/drivers/pods/driver.ts';
import { closeScenes, openScene } from './scene.ts';

const section = (driver: string, context = 'ours'): string =>
  `{name: c, driver: ${driver}, context: ${context}, pools: []}`;

describe('clusters: a start', () => {
  afterEach(closeScenes);

  it('asks for one thing, by which the credentials are proved', async () => {
    const create = createKubernetesDriver;
    const { cloud } = await openScene({ create, section: section('kubernetes') });
    assert.deepEqual(cloud.calls, ['GET namespaces']);
  });

  it('is refused where the token is none', async () => {
    const create = createKubernetesDriver;
    const kubeconfig = (text: string): string => text.replace('nodepool-token', 'other-token');
    await assert.rejects(openScene({ create, section: section('kubernetes'), kubeconfig }), /401/);
  });

  it('is refused where the cluster is no OpenShift', async () => {
    const opening = openScene({ create: createOpenshiftDriver, section: section('openshift') });
    await assert.rejects(opening, (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });

  it('names the contexts that there are where the configured one is not among them', async () => {
    const wrong = section('kubernetes', 'theirs');
    const opening = openScene({ create: createKubernetesDriver, section: wrong });
    await assert.rejects(opening, (error: Error & { hint?: string }) =>
      `${error.message} ${error.hint ?? ''}`.includes('ours'),
    );
  });

  it('closes what it opened where it fails', async () => {
    let closed = 0;
    // Nothing else of them is used.
    const options = { env: {}, cluster: { close: () => closed++ } } as unknown as PartsOptions;
    const failure = new Error('no such parts');
    const prove = (): Promise<void> => Promise.resolve();
    const open = (): never => {
      throw failure;
    };
    const { signal } = new AbortController();
    await assert.rejects(connectIn({ prove, open }, options, signal), failure);
    assert.equal(closed, 1);
  });
});
