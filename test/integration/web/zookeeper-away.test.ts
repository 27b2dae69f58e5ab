/** The web server of a launcher whose ZooKeeper goes away, and comes back. */
import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { Launcher } from '../../../launcher/launcher.ts';
import { webSource } from '../../../launcher/web-source.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { noMetrics } from '../../../shared/telemetry/metrics.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { ThingsPage } from '../../support/event-things.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';
import { node } from '../../support/launcher-world.ts';

const CONFIG = '{zookeeper-servers: [{host: zk}], labels: [], providers: []}';
const TOKEN = 'a-token-of-32-characters-or-more';

describe('the web server without ZooKeeper', () => {
  const server = new FakeServer();
  const client = new FakeZooKeeper(server);
  const zuul = new FakeZooKeeper(server);
  const clock = new ManualClock();
  let launcher: Launcher;
  let web: WebServer;
  let base: string;
  let stream: HttpReader;
  const page = new ThingsPage();

  before(async () => {
    launcher = new Launcher({
      ...{ client, clock, random: () => 0.5, log: silentLogger, metrics: noMetrics },
      config: parseConfig({ path: 'main.yaml', environment: {}, texts: [CONFIG] }).config,
      ...{ hostname: 'host', version: '1', environment: {} },
      loadDriver: () => Promise.reject(new Error('there are no drivers')),
    });
    await launcher.start(new AbortController().signal);
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock, log: silentLogger },
      source: webSource(launcher),
      adminToken: { file: () => undefined, fromEnvironment: TOKEN },
    });
    base = `http://127.0.0.1:${web.port}`;
    stream = await HttpReader.open(`${base}/events`, { isIdle: true });
    stream.onPiece((piece) => {
      page.read(piece);
    });
  });
  after(async () => {
    stream.leave();
    await web.close();
    await launcher.stop(0);
  });

  const hold = (id: string): Promise<Response> =>
    fetch(`${base}/api/nodes/${id}/hold`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });

  const put = async (): Promise<string> => {
    const data = Buffer.from(JSON.stringify(node({ state: 'in-use' })));
    const made = await zuul.create('/nodepool/nodes/', data, { mode: 'persistentSequential' });
    return made.path.split('/').at(-1) ?? '';
  };

  /** The stream's clock goes on until it has told. */
  const told = (condition: () => boolean): Promise<void> =>
    eventually(async () => {
      await clock.advance(250);
      return condition();
    });

  it('goes on to answer, says that it is away, and does what it is asked when it is back', async () => {
    const first = await put();
    await told(
      () => page.last.get('status')?.is_current === true && page.events.includes('synced'),
    );
    client.disconnect();
    await told(() => page.last.get('status')?.is_current === false);
    assert.equal(stream.end, undefined);
    assert.match(await (await fetch(`${base}/node-list`)).text(), new RegExp(first));
    const held = hold(first);
    await eventually(async () => {
      await clock.advance(1000);
      const waits = Symbol('waits');
      const soon = new Promise((resolve) => setImmediate(resolve, waits));
      assert.notEqual(await Promise.race([held, soon]), waits);
    });
    assert.equal((await held).status, 503);
    assert.equal((await held).headers.get('retry-after'), '10');
    client.reconnect();
    await told(() => page.last.get('status')?.is_current === true);
    const second = await put();
    await told(() => JSON.stringify(page.last.get('change')).includes(second));
    assert.equal((await hold(second)).status, 200);
    assert.equal(
      (
        JSON.parse(server.znodes.get(`/nodepool/nodes/${second}`).data.toString()) as {
          state: string;
        }
      ).state,
      'hold',
    );
    assert.equal(page.events.filter((one) => one === 'hello').length, 1);
  });
});
