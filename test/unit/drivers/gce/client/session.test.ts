import assert from 'node:assert/strict';

import { CloudError, hasCode } from '../../../../../shared/base/errors.ts';
import type { HttpDone } from '../../../../../shared/drivers/driver.ts';
import { createGceDriver } from '../../../../../shared/drivers/gce/driver.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import { ManualClock } from '../../../../../fixtures/clock.ts';
import { providerConfig } from '../../../../support/provider-config.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import { never, openProvider, type OpenProvider } from '../provider-subject.ts';

describe('gce: a session', () => {
  let open: OpenProvider | undefined;
  afterEach(() => {
    open?.close();
    open = undefined;
  });

  it('gets another token before one ends, and where one is refused', async () => {
    open = await openProvider({ tokenSeconds: 600 });
    const { provider, cloud, clock, turn, count } = open;
    await turn(provider.listInstances(never()));
    assert.equal(count('POST token'), 0, 'the one of the start is good');
    await clock.advance(580_000);
    await turn(provider.listInstances(never()));
    assert.equal(count('POST token'), 1);
    cloud.login.revokeAll();
    cloud.calls.length = 0;
    await turn(provider.listInstances(never()));
    assert.deepEqual(cloud.calls, ['GET instances', 'POST token', 'GET instances']);
  });

  it('ends with an error where no token is taken', async () => {
    open = await openProvider();
    const { provider, cloud, turn } = open;
    const refusal = { mode: 'fail', status: 401, code: 'authError', times: 100 } as const;
    cloud.arm({ call: 'GET instances', ...refusal });
    await assert.rejects(turn(provider.listInstances(never())), (error) => {
      assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_TRANSIENT'));
      assert.ok(!error.message.includes('ya29'));
      return error.hint?.includes('fresh token') === true;
    });
  });

  it('tells of each request, and of nothing else', async () => {
    const done: HttpDone[] = [];
    const onHttp = (one: HttpDone): void => {
      done.push(one);
    };
    open = await openProvider({}, { onHttp });
    await open.launch();
    assert.deepEqual(
      [...new Set(done.map(({ service, method, status }) => `${service} ${method} ${status}`))],
      ['identity POST 200', 'compute GET 200', 'compute POST 200'],
    );
  });

  it('asks for patience where Google does, and repeats what it may', async () => {
    open = await openProvider();
    open.cloud.arm({ call: 'POST instances', mode: 'throttle', times: 3 });
    open.cloud.arm({ call: 'GET instances', mode: 'fail', status: 503, times: 2 });
    await open.launch();
    assert.equal(open.cloud.counts.instances, 1);
  });

  it('gives up a call that hangs, and begins it anew', async () => {
    open = await openProvider();
    open.cloud.arm({ call: 'POST instances', mode: 'hang', times: 1 });
    const beganMs = open.clock.monotonic();
    await open.launch();
    assert.ok(open.clock.monotonic() - beganMs >= 30_000);
    assert.equal(open.cloud.counts.instances, 1);
  });

  it('does not take an answer that is none for an end', async () => {
    open = await openProvider();
    open.cloud.plant.instance();
    const { cloud } = open;
    const reply = (status: number, body: unknown): void => {
      cloud.arm({ call: 'GET instances', mode: 'fail', status, body, times: 3 });
    };
    for (const body of ['<html>proxy</html>', '', { items: [{ status: 'RUNNING' }] }]) {
      reply(200, body);
      await assert.rejects(
        open.turn(open.provider.listInstances(never())),
        (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'),
        JSON.stringify(body),
      );
    }
    assert.equal((await open.turn(open.provider.listInstances(never()))).length, 1);
  });

  it('calls nothing where the section names no place', async () => {
    const config = providerConfig('{name: gce, driver: gce, pools: []}');
    const clock = new ManualClock();
    const driver = createGceDriver({ fetch: () => assert.fail('nobody is to be called') });
    const env = {
      ...{ clock, random: () => 0.5, log: silentLogger, environment: {}, extension: undefined },
      ...{ pollSeconds: 1, imageCheckSeconds: 300 },
    };
    await assert.rejects(settleByTurning(clock, driver.connect(config, env, never())), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
  });
});
