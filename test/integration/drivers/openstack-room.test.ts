/**
 * The `openstack` driver in a launcher where the cloud has no room: a request waits for as long as
 * the quota is used up, and no attempt is counted; other failures of a server count.
 */
import assert from 'node:assert/strict';

import type { OpenStackCloud } from '../../../fixtures/openstack-cloud/cloud.ts';
import type { Limits } from '../../../fixtures/openstack-cloud/ground.ts';
import { waitForRoom } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';
import { OpenStackSite, openStackProvider } from '../../support/openstack-site.ts';

interface Case {
  readonly what: string;
  /** Room for two nodes. */
  readonly limits: Limits;
  /** Takes what one of them needs. */
  readonly fill: (cloud: OpenStackCloud) => string;
  readonly refused: string;
  /** In the log. */
  readonly words: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'nova refuses a server',
    limits: { instances: 2 },
    fill: ({ plant }) => plant.server({ hasPort: false }),
    refused: 'POST servers',
    words: /status 403.*Quota exceeded for instances/,
  },
  {
    what: 'nova refuses a server for its port',
    // The router has one.
    limits: { ports: 3 },
    fill: ({ plant }) => plant.port(),
    refused: 'POST servers',
    words: /status 403.*Maximum number of ports exceeded/,
  },
  {
    what: 'neutron refuses a floating IP',
    limits: { floatingIps: 2 },
    fill: ({ plant }) => plant.floatingIp(),
    refused: 'POST floatingips',
    words: /status 409.*Quota exceeded for resources: \['floatingip'\]/,
  },
  {
    what: 'a server ends in ERROR for its volume',
    limits: { volumes: 2 },
    fill: ({ plant }) => plant.volume(),
    refused: 'POST servers',
    words: /is in state ERROR.*Maximum number of volumes allowed/,
  },
];

describe('the openstack driver in a launcher before a full cloud', () => {
  let site: OpenStackSite;
  beforeEach(async () => {
    site = await OpenStackSite.open();
  });
  afterEach(() => site.close());

  const providers = (retries: number): readonly Readonly<Record<string, unknown>>[] => [
    openStackProvider({
      labels: { small: { 'boot-from-volume': true } },
      provider: { 'launch-retries': retries },
    }),
  ];

  for (const { what, limits, fill, refused, words } of CASES)
    it(`lets the request wait, and counts no attempt, where ${what}`, async () => {
      const { cloud } = site;
      cloud.limits = limits;
      await site.play(
        (scene) =>
          waitForRoom(scene, { cloud, label: 'small', fill: () => fill(cloud), refused, words }),
        { providers: providers(1) },
      );
    });

  it('counts an attempt where a server ends in ERROR for another reason', async () => {
    const { cloud } = site;
    await site.play(
      async ({ zuul, own }) => {
        const isFailed = (): boolean =>
          own.lines.some((line) => /launch attempt failed.*"attempt":1.*No valid host/.test(line));
        cloud.compute.failure = { code: 500, message: 'No valid host was found.' };
        // The next attempt begins when the first one's server is gone.
        cloud.hold('delete');
        const id = await zuul.submit(['small']);
        await eventually(isFailed);
        cloud.compute.failure = undefined;
        cloud.release('delete');
        await zuul.untilState(id, 'fulfilled');
        assert.ok(own.lines.some((line) => /node is ready.*"attempt":2/.test(line)));
      },
      { providers: providers(2) },
    );
  });

  it('gives the request up where that was the last attempt', async () => {
    site.cloud.compute.failure = { code: 500, message: 'No valid host was found.' };
    await site.play(
      async ({ zuul }) => {
        await zuul.untilState(await zuul.submit(['small']), 'failed');
        await site.untilEmpty();
      },
      { providers: providers(1) },
    );
  });
});
