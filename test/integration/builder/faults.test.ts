/** What goes wrong around a builder: the cloud, ZooKeeper, and what runs its builds. */
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DibRunner } from '../../../builder/dib/runner.ts';
import { startCuttingProxy, type CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { BuilderSite, imageProvider, type RunningBuilder } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { zookeeper } from '../../support/zookeeper.ts';

const MULTI = 14;
const SENDING = 'PUT images/*/file';
const DELETION = 'DELETE images/*';

describe('images of a builder, when something goes wrong', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
    site.configure({ providers: [imageProvider('first')] });
  });
  afterEach(() => site.close());

  const uploaded = (): string[] =>
    site.uploads('first').flatMap(({ state, build }) => (state === 'ready' ? [build] : []));
  const untilUploaded = (): Promise<void> =>
    eventually(() => {
      assert.equal(uploaded().length, 1);
      assert.deepEqual(
        site.builds().map(({ state }) => state),
        ['ready'],
      );
    });

  describe('in the cloud', () => {
    it('leave nothing of an upload that failed, also where that cannot be deleted at once', async () => {
      const faults = site.cloud.cloud;
      faults.arm({ call: SENDING, mode: 'fail', status: 413 });
      // By the upload itself, and by the first round of cleaning.
      faults.arm({ call: DELETION, mode: 'fail', status: 403, times: 2 });
      const { lines } = await site.start();
      await eventually(() => lines.some((line) => line.includes('upload failed')));
      assert.equal(site.cloudImages().length, 1);
      await eventually(() => {
        assert.equal(faults.armed, 0);
        assert.deepEqual(site.uploads('first'), []);
        assert.deepEqual(site.cloudImages(), []);
      });
    });
  });

  describe('on the way to ZooKeeper', () => {
    let line: CuttingProxy;
    let running: RunningBuilder | undefined;
    beforeEach(async () => {
      line = await startCuttingProxy((await zookeeper()).plainHosts);
    });
    afterEach(async () => {
      // What stops says so to ZooKeeper.
      await running?.stop();
      await line.close();
    });
    const start = async (sessionTimeoutMs: number): Promise<readonly string[]> => {
      running = await site.start('one', { line: `${line.host}:${line.port}`, sessionTimeoutMs });
      return running.lines;
    };

    const untilBuilding = (): Promise<void> =>
      eventually(() => {
        assert.equal(site.builds()[0]?.state, 'building');
      });

    it('go on where it is away for a moment', async () => {
      const words = await site.dictate();
      const lines = await start(20_000);
      await untilBuilding();
      const first = await words();
      line.refuse(true);
      line.cut();
      await first.close();
      await eventually(async () => {
        assert.ok(
          (await site.files()).some((name) => name.endsWith('.d')),
          'built',
        );
      });
      line.refuse(false);
      await untilUploaded();
      assert.ok(!lines.some((one) => one.includes('failed')), lines.join('\n'));
    });

    it('are ready where the answer to that is lost', async () => {
      const words = await site.dictate();
      const lines = await start(20_000);
      await untilBuilding();
      const first = await words();
      const lost = line.swallowReply((opcode) => opcode === MULTI);
      await first.close();
      await lost;
      await untilUploaded();
      assert.ok(!lines.some((one) => one.includes('build failed')), lines.join('\n'));
    });

    it('are begun anew at once where the session ends', async () => {
      await site.behave('sleep 1000');
      const lines = await start(1000);
      await untilBuilding();
      const [first] = site.builds();
      await site.behave('');
      line.refuse(true);
      line.cut();
      const lock = '/nodepool/images/debian/builds/lock';
      await eventually(async () => {
        assert.deepEqual((await site.client.children(lock)).children, []);
      });
      line.refuse(false);
      await untilUploaded();
      assert.notEqual(site.builds()[0]?.id, first?.id);
      assert.ok(lines.some((one) => one.includes('build failed')));
    });
  });

  it('are uploaded while nothing can be built, and files of builds that may run stay', async () => {
    const first = await site.start();
    await untilUploaded();
    await first.stop();
    const [old] = [...site.store.uploads.values()];
    assert.ok(old);
    const record = { ...old.record, state: 'deleting' };
    await site.client.set(old.path, Buffer.from(JSON.stringify(record)));
    await site.touch('debian/request-build');
    const left = `debian-${'a'.repeat(32)}.work`;
    await mkdir(join(first.images, left));
    let release = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { lines } = await site.start('one', { runner: (own) => new Waiting(own, waiting) });
    await eventually(async () => {
      const [now, ...others] = [...site.store.uploads.values()];
      assert.deepEqual(others, [], 'a round of cleaning is over');
      assert.equal(now?.record.state, 'ready');
      assert.notEqual(now.path, old.path);
      assert.ok((await readdir(first.images)).includes(left));
      assert.equal(site.builds().length, 1);
    }).finally(release);
    await eventually(async () => {
      assert.equal(site.builds().length, 2);
      assert.ok(!(await readdir(first.images)).includes(left));
    });
    assert.ok(!lines.some((one) => one.includes('cannot be ended')));
  });
});

/** A runner whose clean-up takes its time. */
class Waiting implements DibRunner {
  readonly #own: DibRunner;
  readonly #waiting: Promise<void>;

  constructor(own: DibRunner, waiting: Promise<void>) {
    this.#own = own;
    this.#waiting = waiting;
  }

  get hasLeft(): boolean {
    return this.#own.hasLeft;
  }

  holds(...args: Parameters<DibRunner['holds']>): boolean {
    return this.#own.holds(...args);
  }

  run(...args: Parameters<DibRunner['run']>): Promise<number> {
    return this.#own.run(...args);
  }

  place(...args: Parameters<DibRunner['place']>): Promise<string | undefined> {
    return this.#own.place(...args);
  }

  async cleanUp(signal: AbortSignal): Promise<void> {
    await this.#waiting;
    await this.#own.cleanUp(signal);
  }
}
