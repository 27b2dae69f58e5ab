/** `GET /status` of a launcher while a cloud makes servers. */
import assert from 'node:assert/strict';

import { webSource } from '../../../launcher/web-source.ts';
import {
  launcherStatusSchema,
  type LaunchStatus,
  type LauncherStatus,
} from '../../../schemas/launcher-status.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play, type Scene } from '../../support/launcher-scene.ts';

/** Asks until what is expected is true; an answer may be a second old. */
type Look = (check: (status: LauncherStatus) => void) => Promise<LauncherStatus>;

async function look({ own }: Scene, steps: (look: Look) => Promise<void>): Promise<void> {
  const source = webSource(own.launcher);
  const options = { address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger };
  const web = await startWeb({ ...options, source });
  try {
    await steps(async (check) => {
      let last: LauncherStatus | undefined;
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${web.port}/status`);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
        last = launcherStatusSchema.parse(await answer.json());
        check(last);
      });
      assert.ok(last);
      return last;
    });
  } finally {
    await web.close();
  }
}

function phaseOf({ steps }: LaunchStatus): string | undefined {
  return steps.at(-1)?.phase;
}

const twoServers = config({ pool: { 'max-servers': 2 } });

describe('the status of a launcher', () => {
  it('tells launches phase by phase, what they take, and why others wait', () =>
    play(twoServers, (scene) =>
      look(scene, async (status) => {
        const { zuul, cloud } = scene;
        cloud.holdCreates();
        const first = await zuul.submit(['small', 'large']);
        const second = await zuul.submit(['small']);
        const third = await zuul.submit(['small']);
        const seen = await status(({ launches, requests }) => {
          assert.equal(launches.filter((one) => phaseOf(one) === 'waiting-for-address').length, 2);
          assert.equal(launches.map(phaseOf).at(-1), 'waiting-for-room');
          assert.equal(requests.length, 1);
        });
        assert.equal(seen.launcher, 'launcher-host');
        assert.equal(seen.version, '0.0.0-test');
        assert.equal(seen.is_current, true);
        assert.equal(seen.waiting, 1);
        assert.equal(seen.serving, 2);
        assert.deepEqual(seen.requests, [
          {
            ...{ id: third, code: 'pool-waits-for-quota' },
            reason: 'cloud-main: a request before this one waits for quota in the pool',
          },
        ]);
        assert.deepEqual(
          seen.reasons.map(({ code, count }) => [code, count]),
          [['pool-waits-for-quota', 1]],
        );
        const [provider] = seen.providers;
        assert.equal(provider?.state, 'running');
        assert.equal(provider.launching, 2);
        const [pool] = provider.pools;
        assert.equal(pool?.paused, true);
        assert.deepEqual(
          pool.quota.find(({ resource }) => resource === 'instances'),
          { resource: 'instances', used: 2, reserved: 0, limit: 2 },
        );
        cloud.releaseCreates();
        await zuul.untilState(first, 'fulfilled');
        const ended = await status(({ launches }) => {
          assert.equal(launches.filter((one) => one.ended !== null).length, 2);
        });
        const launch = ended.launches.find((one) => one.request === first);
        assert.deepEqual(
          launch?.steps.map(({ phase }) => phase),
          [
            'beginning',
            'making-record',
            'creating',
            'waiting-for-address',
            'scanning-host-keys',
            'ready',
          ],
        );
        const times = launch.steps.map(({ since }) => since);
        assert.deepEqual(times, times.toSorted());
        assert.equal(launch.ended, times.at(-1));
        assert.equal(launch.attempt, 1);
        await zuul.cancel(second);
        await zuul.cancel(third);
      }),
    ));

  it('tells a provider that cannot start, with what is wrong', () => {
    const broken = { ...fakeProvider({ name: 'broken' }), cloud: 'no-such-cloud' };
    return play(
      config({ providers: [{ ...broken, driver: 'openstack' }, fakeProvider()] }),
      (scene) =>
        look(scene, async (status) => {
          const { providers } = await status((one) => {
            assert.deepEqual(
              one.providers.map(({ name, driver, state }) => [name, driver, state]),
              [
                ['broken', 'openstack', 'absent'],
                ['cloud', 'fake', 'running'],
              ],
            );
            // Not while it is being tried.
            assert.ok((one.providers[0]?.again_at ?? 0) > 0);
          });
          assert.match(providers[0]?.problem ?? '', /no-such-cloud/);
        }),
    );
  });
});
