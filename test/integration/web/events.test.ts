/** The stream of events, read by real sockets. */
import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import type { HubLimits } from '../../../shared/web/events/hub.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { ThingsPage, Things } from '../../support/event-things.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';
import { quietStatus } from '../../support/launcher-status.ts';
import { quietSource } from '../../support/web-source.ts';

describe('the stream of events', () => {
  let things: Things;
  let clock: ManualClock;
  let web: WebServer;
  let url: string;
  let waiting: number;
  let looks: number;
  const open: { leave(): void }[] = [];

  beforeEach(async () => {
    things = new Things();
    clock = new ManualClock();
    waiting = 0;
    looks = 0;
    await start({});
  });
  async function start(limits: Partial<HubLimits>): Promise<void> {
    const status = (): ReturnType<typeof quietStatus> => {
      looks++;
      return quietStatus({ waiting, now: clock.now() / 1000 });
    };
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock, log: silentLogger },
      readerLimits: { maxReaders: 5, maxUnsentBytes: 100_000, ...limits },
      source: quietSource({ topics: [things], status }),
    });
    url = `http://127.0.0.1:${web.port}/events`;
  }
  afterEach(async () => {
    for (const one of open.splice(0)) one.leave();
    await web.close();
  });

  async function reader(): Promise<{ http: HttpReader; page: ThingsPage }> {
    const http = await HttpReader.open(url, { isIdle: true });
    open.push(http);
    const page = new ThingsPage();
    http.onPiece((piece) => {
      page.read(piece);
    });
    return { http, page };
  }

  async function synced(page: ThingsPage, times = 1): Promise<void> {
    await eventually(() => page.events.filter((one) => one === 'synced').length >= times);
  }

  it('says who speaks, how it is, and all there is, then what changes', async () => {
    for (let i = 0; i < 450; i++) things.put(String(i), i);
    const { http, page } = await reader();
    await synced(page);
    assert.equal(http.status, 200);
    assert.match(http.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(http.headers['cache-control'], 'no-store');
    assert.deepEqual(page.events, [
      ...['hello', 'status', 'builders', 'reset', 'change', 'change', 'change', 'synced'],
    ]);
    const { launcher, version, may_act, now } = page.last.get('hello') ?? {};
    assert.deepEqual(
      { launcher, version, may_act, now },
      { launcher: 'launcher-host', version: '0.0.0-test', may_act: false, now: clock.now() / 1000 },
    );
    assert.deepEqual(page.last.get('reset'), { topic: 'things' });
    assert.deepEqual(page.sorted(), things.expected());
    things.put('7', 'other');
    things.remove('8');
    things.put('new', 'x');
    await clock.advance(249);
    assert.notEqual(page.rows.get('id-7'), 'other');
    await clock.advance(1);
    await eventually(() => page.rows.get('id-7') === 'other');
    assert.deepEqual(page.last.get('change'), {
      topic: 'things',
      set: [
        { id: 'id-7', value: 'other' },
        { id: 'id-new', value: 'x' },
      ],
      gone: ['id-8'],
    });
    assert.deepEqual(page.sorted(), things.expected());
  });

  it('is compressed for whoever takes that, and told as it comes all the same', async () => {
    for (let i = 0; i < 450; i++) things.put(String(i), 'x'.repeat(100));
    // `fetch` decompresses as browsers do.
    const answer = await fetch(url);
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.equal(answer.headers.get('vary'), 'Accept-Encoding');
    const page = new ThingsPage();
    const reading = (async () => {
      for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>)
        page.read(Buffer.from(piece));
    })();
    await synced(page);
    assert.deepEqual(page.sorted(), things.expected());
    things.put('7', 'other');
    await clock.advance(250);
    await eventually(() => page.rows.get('id-7') === 'other');
    await web.close();
    await reading;
    const refused = { headers: { 'accept-encoding': 'br, gzip;q=0' } };
    await start({});
    const plain = await fetch(url, refused);
    assert.equal(plain.headers.get('content-encoding'), null);
    await plain.body?.cancel();
  });

  it('tells more changes than fit into one event in several', async () => {
    const { page } = await reader();
    await synced(page);
    const before = page.events.length;
    for (let i = 0; i < 1001; i++) things.put(String(i), i);
    await clock.advance(250);
    await eventually(() => page.rows.size === 1001);
    assert.deepEqual(page.events.slice(before), ['change', 'change', 'change']);
  });

  it('tells the status where it changes, at most once a second, and pings', async () => {
    const { page } = await reader();
    await eventually(() => page.last.has('status'));
    await clock.advance(3000);
    assert.equal(page.events.filter((one) => one === 'status').length, 1);
    waiting = 5;
    await clock.advance(1000);
    await eventually(() => page.last.get('status')?.waiting === 5);
    assert.equal(page.last.get('status')?.now, clock.now() / 1000);
    await clock.advance(11_000);
    await eventually(() => page.events.includes(': ping'));
  });

  it('does nothing while nobody watches', async () => {
    const timers = clock.pending;
    assert.equal(things.watchers, 0);
    const [first, second] = [await reader(), await reader()];
    await synced(first.page);
    await synced(second.page);
    assert.equal(things.watchers, 1);
    first.http.leave();
    second.http.leave();
    await eventually(() => things.watchers === 0);
    things.put('1', 1);
    const before = looks;
    await clock.advance(60_000);
    assert.deepEqual([things.made, looks - before, clock.pending], [0, 0, timers]);
    const again = await reader();
    await synced(again.page);
    assert.deepEqual(again.page.sorted(), things.expected());
  });

  it('makes each row once for all readers', async () => {
    for (let i = 0; i < 100; i++) things.put(String(i), i);
    const readers = await Promise.all([reader(), reader(), reader(), reader(), reader()]);
    for (const { page } of readers) await synced(page);
    assert.equal(things.made, 100);
    things.put('1', 'x');
    await clock.advance(250);
    for (const { page } of readers) await eventually(() => page.rows.get('id-1') === 'x');
    assert.equal(things.made, 101);
  });

  it('has no place for more readers than so many, and one again when one has left', async () => {
    const [first] = await Promise.all([reader(), reader(), reader(), reader(), reader()]);
    const refused = await fetch(url);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
    first.http.leave();
    await eventually(async () => {
      const { http, page } = await reader();
      assert.equal(http.status, 200);
      await synced(page);
    });
  });

  /** Far more than the buffers of the network hold. */
  async function flood(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      for (let i = 0; i < 20; i++) things.put(String(i), `${round}-`.padEnd(4000, 'x'));
      await clock.advance(250);
    }
  }

  it('keeps little for a reader that takes nothing, gives it all anew when it goes on', async () => {
    await web.close();
    await start({ stalledMs: 3_600_000 });
    const http = await HttpReader.open(url, { isIdle: true });
    open.push(http);
    await eventually(() => things.watchers === 1);
    const before = process.memoryUsage();
    await flood();
    const { external, arrayBuffers } = process.memoryUsage();
    assert.ok(external + arrayBuffers - before.external - before.arrayBuffers < 8_000_000);
    things.remove('3');
    const page = new ThingsPage();
    http.onPiece((piece) => {
      page.read(piece);
    });
    await synced(page, 2);
    things.put('4', 'later');
    await clock.advance(250);
    await eventually(() => page.rows.get('id-4') === 'later');
    assert.ok(isSame(page, things));
    assert.equal(page.events.filter((one) => one === 'reset').length, 2);
  });

  it('closes a reader that takes nothing for half a minute', async () => {
    const http = await HttpReader.open(url, { isIdle: true });
    open.push(http);
    await flood();
    assert.equal(things.watchers, 0);
    http.onPiece(() => undefined);
    await http.untilEnd();
    assert.equal(http.end, 'torn');
  });

  it('ends with the server', async () => {
    const { http, page } = await reader();
    await synced(page);
    await web.close();
    await http.untilEnd();
    assert.equal(http.end, 'whole');
    assert.deepEqual([things.watchers, clock.pending], [0, 0]);
  });

  it('is read, and nothing else', async () => {
    for (const method of ['POST', 'DELETE', 'PUT', 'HEAD']) {
      const answer = await fetch(url, { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET'], method);
    }
  });
});

/** Rows are long: not for messages of failures. */
function isSame(page: ThingsPage, things: Things): boolean {
  return JSON.stringify(page.sorted()) === JSON.stringify(things.expected());
}
