import assert from 'node:assert/strict';

import { settle } from '../../../../../fixtures/clock.ts';
import { CloudError, hasLabel } from '../../../../../shared/base/errors.ts';
import { isForbidden } from '../../../../../shared/drivers/pods/client/errors.ts';
import type { Pod } from '../../../../../shared/drivers/pods/client/objects.ts';
import type {
  KubeRequest,
  KubeResponse,
} from '../../../../../shared/drivers/pods/client/transport.ts';
import type { Known } from '../../../../../shared/drivers/pods/client/watches.ts';
import { asked, json, never, refusal, scripted, Stream, text } from './scripted-api.ts';

type Answer = KubeResponse | Promise<KubeResponse>;

const pod = (name: string, resourceVersion: string, phase = 'Pending'): Pod => ({
  metadata: { name, namespace: 'ns', resourceVersion, uid: name, labels: { of: 'us' } },
  status: { phase },
});

const list = (items: readonly Pod[], resourceVersion: string): Answer =>
  json(200, { items, metadata: { resourceVersion } });

const isWatch = ({ url }: KubeRequest): boolean => url.searchParams.has('watch');

const away = (): Promise<KubeResponse> =>
  Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

/** Pods, whose listings and watches the test answers; by itself an empty listing and streams. */
function subject(
  answers: {
    list?: (count: number) => Answer;
    watch?: (count: number, stream: Stream) => Answer;
    other?: (request: KubeRequest) => Answer;
  } = {},
) {
  const streams: Stream[] = [];
  const lists: KubeRequest[] = [];
  const watches: KubeRequest[] = [];
  const script = scripted((request) => {
    if (request.method !== 'GET') return answers.other?.(request) ?? json(200, {});
    if (!isWatch(request)) {
      lists.push(request);
      return answers.list?.(lists.length - 1) ?? list([], '5');
    }
    watches.push(request);
    const stream = new Stream();
    streams.push(stream);
    return answers.watch?.(watches.length - 1, stream) ?? stream.response;
  });
  const watched = script.cluster.pods('ns').watch({ labels: { of: 'us' } });
  const versions = (): (string | null)[] =>
    watches.map(({ url }) => url.searchParams.get('resourceVersion'));
  return { ...script, watched, streams, lists, watches, versions };
}

const running = (name: string) => (pods: Known<Pod>) =>
  pods.get(name)?.status?.phase === 'Running' ? name : undefined;

describe('a watched collection', () => {
  it('calls nothing while nobody waits', async () => {
    const { clock, requests } = subject();
    await clock.advance(60_000);
    assert.equal(requests.length, 0);
    assert.equal(clock.pending, 0);
  });

  it('is listed once and watched from there, for a thousand who wait', async () => {
    const { clock, watched, streams, lists, watches } = subject({ list: () => list([], '5') });
    const all = Array.from({ length: 1000 }, () => watched.until(running('a'), never()));
    await clock.advance(0);
    assert.deepEqual(lists.map(asked), [
      'GET /api/v1/namespaces/ns/pods?labelSelector=of=us&limit=500',
    ]);
    assert.deepEqual(watches.map(asked), [
      'GET /api/v1/namespaces/ns/pods?labelSelector=of=us&watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=270',
    ]);
    streams[0]?.event('ADDED', pod('a', '6'));
    await settle();
    streams[0]?.event('MODIFIED', pod('a', '7', 'Running'));
    assert.equal((await Promise.all(all)).length, 1000);
    assert.equal(lists.length + watches.length, 2);
  });

  it('shows those who come later what is known, without a call', async () => {
    const { clock, watched, requests } = subject({ list: () => list([pod('a', '4')], '5') });
    const first = watched.current(never());
    await clock.advance(0);
    assert.deepEqual([...(await first).keys()], ['a']);
    assert.deepEqual([...(await watched.current(never())).keys()], ['a']);
    assert.equal(requests.length, 2);
  });

  it('has keys with the namespace where it is of all', async () => {
    const { cluster, clock } = scripted((request) =>
      isWatch(request) ? new Stream().response : list([pod('a', '4')], '5'),
    );
    const known = cluster.pods().watch({}).current(never());
    await clock.advance(0);
    assert.deepEqual([...(await known).keys()], ['ns/a']);
  });

  it('waits for a look that takes its time, and looks again at what came meanwhile', async () => {
    const { clock, watched, streams } = subject();
    const looks: number[] = [];
    const found = watched.until(async (pods) => {
      looks.push(pods.size);
      await new Promise<void>((resolve) => clock.after(1000, resolve));
      return pods.size === 2 ? 'both' : undefined;
    }, never());
    await clock.advance(100);
    streams[0]?.event('ADDED', pod('a', '6'));
    await settle();
    streams[0]?.event('ADDED', pod('b', '7'));
    await clock.advance(3000);
    assert.equal(await found, 'both');
    assert.deepEqual(looks, [0]);
  });

  it('fails only the one whose look throws', async () => {
    const { clock, watched, streams } = subject();
    const bad = assert.rejects(
      watched.until(() => {
        throw new CloudError('NP_CLOUD_TRANSIENT', 'bad luck');
      }, never()),
      /bad luck/,
    );
    const good = watched.until(running('a'), never());
    await clock.advance(0);
    await bad;
    streams[0]?.event('ADDED', pod('a', '6', 'Running'));
    assert.equal(await good, 'a');
  });

  it('goes on where it was when the watch ends', async () => {
    const { clock, watched, streams, lists, versions } = subject();
    const found = watched.until(running('a'), never());
    await clock.advance(0);
    streams[0]?.event('ADDED', pod('a', '8'));
    streams[0]?.event('BOOKMARK', { metadata: { resourceVersion: '20' } });
    await clock.advance(270_000 / 6);
    streams[0]?.end();
    await clock.advance(0);
    assert.deepEqual(versions(), ['5', '20']);
    streams[1]?.event('MODIFIED', pod('a', '21', 'Running'));
    assert.equal(await found, 'a');
    assert.equal(lists.length, 1);
  });

  it('goes on where it was when the watch breaks, after a pause', async () => {
    const { clock, watched, streams, lists, versions } = subject();
    const found = watched.until(running('a'), never());
    await clock.advance(0);
    streams[0]?.event('ADDED', pod('a', '8'));
    await settle();
    streams[0]?.end(new Error('other side closed'));
    await clock.advance(400);
    assert.deepEqual(versions(), ['5']);
    await clock.advance(200);
    assert.deepEqual(versions(), ['5', '8']);
    streams[1]?.event('MODIFIED', pod('a', '9', 'Running'));
    assert.equal(await found, 'a');
    assert.equal(lists.length, 1);
  });

  it('does not run in circles with a server that ends each watch at once', async () => {
    const { clock, watched, watches } = subject({
      watch: (_, stream) => {
        stream.end();
        return stream.response;
      },
    });
    const ended = assert.rejects(
      watched.until(() => undefined, never()),
      /closed/,
    );
    await clock.advance(60_000);
    assert.ok(watches.length > 5 && watches.length < 20, String(watches.length));
    watched.close();
    await ended;
  });

  it('is listed anew where the cluster has forgotten the version', async () => {
    const { clock, watched, streams, lists, versions } = subject({
      list: (count) => (count === 0 ? list([pod('a', '4')], '5') : list([pod('b', '44')], '50')),
    });
    const gone = watched.until((pods) => !pods.has('a') || undefined, never());
    await clock.advance(0);
    streams[0]?.event('ERROR', {
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: 'too old',
    });
    await clock.advance(1000);
    assert.equal(await gone, true);
    assert.equal(lists.length, 2);
    assert.deepEqual(versions(), ['5', '50']);
  });

  it('is listed anew where the cluster was set back, and knows no such version', async () => {
    const { clock, watched, lists } = subject({
      list: (count) => (count === 0 ? list([], '500') : list([pod('a', '4', 'Running')], '5')),
      watch: (count, stream) =>
        count === 0 ? stream.response : refusal(504, 'Timeout', 'Too large resource version'),
    });
    const found = watched.until(running('a'), never());
    await clock.advance(0);
    assert.equal(lists.length, 1);
    await clock.advance(200_000);
    assert.equal(await found, 'a');
  });

  it('asks again after a silence in which not even bookmarks came', async () => {
    const { clock, watched, streams, lists, watches, versions } = subject();
    const found = watched.until(running('a'), never());
    await clock.advance(0);
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000);
      streams[0]?.event('BOOKMARK', { metadata: { resourceVersion: String(10 + minute) } });
      await settle();
    }
    assert.equal(watches.length, 1);
    await clock.advance(89_000);
    assert.equal(watches.length, 1);
    await clock.advance(2000);
    assert.deepEqual(versions(), ['5', '12']);
    assert.ok(watches[0]?.signal.aborted);
    streams[1]?.event('ADDED', pod('a', '13', 'Running'));
    assert.equal(await found, 'a');
    assert.equal(lists.length, 1);
  });

  it('has in it what we wrote before we asked, though the watch is late', async () => {
    const { cluster, clock, watched, streams } = subject({
      other: ({ method }) => json(201, pod('a', method === 'POST' ? '6' : '7')),
    });
    const first = watched.current(never());
    await clock.advance(0);
    await first;
    await cluster.pods('ns').create(pod('a', ''), never());
    assert.ok((await watched.current(never())).has('a'));
    await cluster.pods('ns').delete('a', never());
    const gone = watched.until((pods) => !pods.has('a') || undefined, never());
    await settle();
    streams[0]?.event('ADDED', pod('a', '6')).event('DELETED', pod('a', '8'));
    assert.equal(await gone, true);
  });

  it('has nothing in it that we wrote elsewhere', async () => {
    const other = { ...pod('b', '6'), metadata: { ...pod('b', '6').metadata, labels: {} } };
    const { cluster, clock, watched } = subject({
      other: ({ url }) => json(201, url.pathname.includes('/ns/') ? other : pod('a', '6')),
    });
    const first = watched.current(never());
    await clock.advance(0);
    await first;
    await cluster.pods('ns').create(other, never());
    await cluster.secrets('ns').create({}, never());
    assert.equal((await watched.current(never())).size, 0);
  });

  describe('where the cluster does not answer', () => {
    it('is patient for two minutes', async () => {
      const { clock, watched } = subject({ list: away });
      let failure: unknown;
      const failed = watched
        .until(() => undefined, never())
        .catch((error: unknown) => {
          failure = error;
        });
      await clock.advance(110_000);
      assert.equal(failure, undefined);
      await clock.advance(40_000);
      await failed;
      assert.ok(hasLabel(failure, 'unreachable'));
    });

    it('counts from the failure on, not from when somebody began to wait', async () => {
      let isAway = false;
      const { clock, watched, streams } = subject({
        watch: (_, stream) => (isAway ? away() : stream.response),
      });
      const found = watched.until(running('a'), never());
      for (let minute = 0; minute < 10; minute++) {
        await clock.advance(60_000);
        streams.at(-1)?.event('BOOKMARK', { metadata: { resourceVersion: String(10 + minute) } });
        await settle();
      }
      isAway = true;
      streams.at(-1)?.end(new Error('killed'));
      await clock.advance(100_000);
      isAway = false;
      await clock.advance(20_000);
      isAway = true;
      streams.at(-1)?.end(new Error('killed'));
      await clock.advance(100_000);
      isAway = false;
      await clock.advance(20_000);
      streams.at(-1)?.event('ADDED', pod('a', '99', 'Running'));
      assert.equal(await found, 'a');
    });

    it('gives up after a few answers that are errors', async () => {
      const { clock, watched, lists } = subject({
        list: () => refusal(500, 'InternalError', 'etcd'),
      });
      const failed = assert.rejects(
        watched.until(() => undefined, never()),
        /etcd/,
      );
      await clock.advance(120_000);
      await failed;
      assert.equal(lists.length, 15);
    });

    it('goes on for those who come after that', async () => {
      let isWell = false;
      const { clock, watched } = subject({
        list: () => (isWell ? list([], '5') : refusal(422, 'Invalid', 'no')),
      });
      const again: Promise<unknown>[] = [];
      const failed = watched.current(never()).catch(() => {
        isWell = true;
        again.push(watched.current(never()));
      });
      await clock.advance(10_000);
      await failed;
      assert.equal(((await again[0]) as Known<Pod>).size, 0);
    });
  });

  it('forgets nobody who comes while it ends with an error', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const { clock, watched, streams } = subject();
      let begin: () => void = () => undefined;
      const began = new Promise<void>((resolve) => {
        begin = resolve;
      });
      let looks = 0;
      const look = async (): Promise<boolean | undefined> => {
        if (++looks > 1) return true;
        // So many turns after the error has been sent; one of them is the very end.
        await began;
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        return undefined;
      };
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      const found = watched.until(look, never()).then(over, over);
      await clock.advance(0);
      streams[0]?.event('ERROR', { kind: 'Status', code: 422, message: 'for good' });
      begin();
      await clock.advance(60_000);
      assert.ok(isOver, `after ${turns} turns`);
      await found;
      watched.close();
    }
  });

  describe('where we may not watch', () => {
    it('is listed every few seconds while somebody waits, and says so once', async () => {
      const { clock, watched, lists, watches, logged } = subject({
        list: (count) => list(count < 4 ? [] : [pod('a', '6', 'Running')], '5'),
        watch: () => refusal(403, 'Forbidden', 'cannot watch resource "pods"'),
      });
      const found = Promise.all([
        watched.until(running('a'), never()),
        watched.until(running('a'), never()),
      ]);
      await clock.advance(60_000);
      assert.deepEqual(await found, ['a', 'a']);
      assert.equal(lists.length, 5);
      assert.equal(watches.length, 1);
      await clock.advance(60_000);
      assert.equal(lists.length, 5);
      const again = watched.current(never());
      await clock.advance(2000);
      await again;
      assert.deepEqual(
        logged.map(({ message, fields }) => [message.includes('cannot watch'), fields?.what]),
        [[true, 'pods']],
      );
      assert.equal(watches.length, 1);
    });

    for (const [how, end] of [
      ['', ''],
      [', with a line of its own', '\n'],
    ] as const)
      it(`is listed, too, where the answer to a watch is a listing${how}`, async () => {
        const { clock, watched, lists, watches } = subject({
          list: (count) => list(count < 4 ? [] : [pod('a', '6', 'Running')], '5'),
          watch: () => text(200, `${JSON.stringify({ kind: 'PodList', items: [] })}${end}`),
        });
        const found = watched.until(running('a'), never());
        await clock.advance(60_000);
        assert.equal(await found, 'a');
        assert.deepEqual([lists.length, watches.length], [5, 1]);
      });

    it('is watched again some time later', async () => {
      const { clock, watched, watches, logged } = subject({
        watch: () => refusal(403, 'Forbidden', 'cannot watch resource "pods"'),
      });
      const first = watched.current(never());
      await clock.advance(700_000);
      await first;
      const second = watched.until((pods) => (watches.length > 1 ? pods : undefined), never());
      await clock.advance(5000);
      await second;
      assert.equal(watches.length, 2);
      assert.equal(logged.length, 1);
    });

    it('tells so where we may not even list', async () => {
      const { clock, watched } = subject({ list: () => refusal(403, 'Forbidden', 'cannot list') });
      const failed = assert.rejects(watched.current(never()), isForbidden);
      await clock.advance(0);
      await failed;
      assert.equal(clock.pending, 1);
    });
  });

  describe('ends', () => {
    it('a minute after nobody waits any more, and begins anew for the next', async () => {
      const { clock, watched, lists, watches } = subject();
      const first = watched.current(never());
      await clock.advance(0);
      await first;
      await clock.advance(30_000);
      await watched.current(never());
      await clock.advance(59_000);
      assert.equal(watches[0]?.signal.aborted, false);
      await clock.advance(1000);
      assert.equal(watches[0].signal.aborted, true);
      assert.equal(clock.pending, 0);
      const next = watched.current(never());
      await clock.advance(0);
      await next;
      assert.equal(lists.length, 2);
    });

    it('for one with its signal', async () => {
      const { clock, watched, streams } = subject();
      const controller = new AbortController();
      const one = assert.rejects(
        watched.until(() => undefined, controller.signal),
        /enough/,
      );
      const other = watched.until(running('a'), never());
      await clock.advance(0);
      controller.abort(new CloudError('NP_ABORTED', 'enough'));
      await one;
      streams[0]?.event('ADDED', pod('a', '6', 'Running'));
      assert.equal(await other, 'a');
      await assert.rejects(watched.current(controller.signal), /enough/);
    });

    it('for all with the cluster', async () => {
      const { clock, watched, cluster, watches } = subject();
      const waiting = assert.rejects(
        watched.until(() => undefined, never()),
        /is closed/,
      );
      await clock.advance(0);
      cluster.close();
      await waiting;
      assert.equal(watches[0]?.signal.aborted, true);
      await assert.rejects(watched.current(never()), /is closed/);
      await clock.advance(0);
      assert.equal(clock.pending, 0);
    });

    it('for all with it, also while it is being listed', async () => {
      const { clock, watched } = subject({ list: () => new Promise(() => undefined) });
      const waiting = assert.rejects(watched.current(never()), /is closed/);
      await clock.advance(0);
      watched.close();
      watched.close();
      await waiting;
      await clock.advance(0);
      assert.equal(clock.pending, 0);
    });
  });
});
