/** Namespaces that do not go, and names that are taken. */
import assert from 'node:assert/strict';
import { LABEL, play } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

describe('namespaces of a real Kubernetes', function () {
  this.timeout(300_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const kind of ['kubernetes', 'openshift'] as const) {
    it(`${kind}: one that hangs in Terminating keeps its node, holds up no other, and goes in the end`, () =>
      play(services, kind, async (scene) => {
        await scene.start();
        const stuck = await scene.lend();
        const namespace = String(stuck.node.external_id);
        await scene.ground.hold(namespace);
        await (await scene.use(stuck)).giveBack();
        await scene.until(async () => {
          const [found] = await scene.ground.namespaces();
          assert.ok(found?.metadata.deletionTimestamp, 'on its way out');
        });
        for (let other = 0; other < 3; other++) await scene.giveBack(await scene.lend());
        assert.deepEqual(await scene.zuul.nodeIds(), [stuck.nodeId]);
        assert.equal((await scene.zuul.node(stuck.nodeId))?.state, 'deleting');
        // The next launcher takes it up where this one left it.
        await scene.kill();
        await scene.start();
        await scene.ground.letGo(namespace);
        await scene.zuul.untilGone([stuck.nodeId], 60_000);
        await scene.untilEmpty();
      }));

    it(`${kind}: a second attempt waits for what the first one left, and nobody else does`, () =>
      play(services, kind, async (scene) => {
        await scene.configure({ provider: { 'launch-retries': 2 } });
        await scene.start();
        const rule = scene.ground.proxy.faults.add({
          ...{ method: 'POST', route: '/namespaces/NAME/pods', times: 1 },
          fault: { kind: 'hang' },
        });
        const request = await scene.zuul.submit([LABEL]);
        await scene.until(() => {
          assert.equal(rule.struck, 1, 'the pod was asked for');
        });
        const namespace = (await scene.ground.namespaces())[0]?.metadata.name ?? '';
        await scene.ground.hold(namespace);
        // The pod is asked for again, and refused.
        await services.admin.remove(`/api/v1/namespaces/${namespace}`);
        scene.ground.proxy.cut();
        await scene.untilLogged(/launch attempt failed[^\n]*being terminated/);
        await scene.giveBack(await scene.lend());
        assert.notEqual((await scene.zuul.request(request))?.state, 'failed');
        await scene.ground.letGo(namespace);
        const lent = await scene.lent(request);
        assert.equal(lent.node.external_id, `${namespace}-2`);
        await scene.giveBack(lent);
        await scene.untilEmpty();
      }));

    it(`${kind}: a name that somebody else has is left to them`, () =>
      play(services, kind, async (scene) => {
        const name = `${scene.ground.pool}-0000000000`;
        await services.admin.create('/api/v1/namespaces', { metadata: { name } });
        await scene.start();
        const request = await scene.zuul.submit([LABEL]);
        await scene.untilFailed(request);
        await scene.untilLogged(new RegExp(`there is a \\w+ ${name} that is not of`));
        await scene.zuul.cancel(request);
        // Nodes that follow have other names.
        await scene.giveBack(await scene.lend());
        await scene.untilEmpty({ namespaces: 1 });
        const { metadata } = await services.admin.get(`/api/v1/namespaces/${name}`);
        assert.equal(metadata.deletionTimestamp, undefined);
      }));

    it(`${kind}: a name that is on its way out is waited for`, () =>
      play(services, kind, async (scene) => {
        const name = `${scene.ground.pool}-0000000000`;
        await services.admin.create('/api/v1/namespaces', { metadata: { name } });
        await scene.ground.hold(name);
        await services.admin.remove(`/api/v1/namespaces/${name}`);
        await scene.start();
        const request = await scene.zuul.submit([LABEL]);
        await scene.until(async () => {
          assert.equal((await scene.zuul.node('0000000000'))?.external_id, name);
        });
        await scene.ground.letGo(name);
        await scene.giveBack(await scene.lent(request));
        await scene.untilEmpty();
      }));
  }
});
