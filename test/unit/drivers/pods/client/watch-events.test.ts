import assert from 'node:assert/strict';

import fc from 'fast-check';

import { settle } from '../../../../../fixtures/clock.ts';
import { CloudError, hasLabel } from '../../../../../shared/base/errors.ts';
import { isExpired } from '../../../../../shared/drivers/pods/client/errors.ts';
import type { WatchEvent } from '../../../../../shared/drivers/pods/client/known-objects.ts';
import type { KubeObject } from '../../../../../shared/drivers/pods/client/objects.ts';
import { watchEvents } from '../../../../../shared/drivers/pods/client/watch-events.ts';
import { never, Stream } from './scripted-api.ts';

async function read(stream: Stream, signal = never()): Promise<WatchEvent<KubeObject>[]> {
  const found: WatchEvent<KubeObject>[] = [];
  for await (const events of watchEvents<KubeObject>(stream.response.body, signal))
    found.push(...events);
  return found;
}

const event = (name: string): WatchEvent<KubeObject> => ({
  type: 'ADDED',
  object: { metadata: { name } },
});

describe('the events of a watch', () => {
  it('are the same wherever its pieces end, even within a character', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        fc.array(fc.nat(400)),
        async (names, cuts) => {
          const events = names.map(event);
          const bytes = Buffer.from(events.map((one) => `${JSON.stringify(one)}\n`).join(''));
          const stream = new Stream();
          const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)];
          let from = 0;
          for (const end of [...ends, bytes.length]) {
            stream.send(bytes.subarray(from, end));
            from = end;
          }
          stream.end();
          assert.deepEqual(await read(stream), events);
        },
      ),
    ));

  it('come with the piece that ends their line', async () => {
    const stream = new Stream();
    const events = watchEvents<KubeObject>(stream.response.body, never());
    const [one, two] = [JSON.stringify(event('one')), JSON.stringify(event('two'))];
    stream.send(`${one}\n\n${two.slice(0, 10)}`);
    assert.deepEqual((await events.next()).value, [event('one')]);
    stream.send(`${two.slice(10)}\r\n`);
    assert.deepEqual((await events.next()).value, [event('two')]);
  });

  it('do not have half a line at their end', async () => {
    const stream = new Stream().send(`${JSON.stringify(event('one'))}\n{"type": "AD`);
    stream.end();
    assert.deepEqual(await read(stream), [event('one')]);
  });

  for (const [name, line, expired] of [
    ['410', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }, true],
    ['500', { kind: 'Status', code: 500, message: 'etcd' }, false],
    ['429', { kind: 'Status', code: 429, message: 'slow' }, false],
  ] as const)
    it(`end with an error of the cluster: ${name}`, async () => {
      const stream = new Stream().event('ERROR', line);
      await assert.rejects(read(stream), (error: CloudError) => {
        assert.equal(isExpired(error), expired);
        assert.ok(hasLabel(error, 'retryable'));
        assert.match(error.message, new RegExp(line.message));
        return true;
      });
      assert.ok(stream.isReturned);
    });

  for (const line of ['<s3cret>', '{"type": "ADDED"}', '{"type": "s3cret", "object": {}}', '7'])
    it(`end with an error that does not quote a line that is not understood: ${line}`, async () => {
      await assert.rejects(read(new Stream().send(`${line}\n`)), (error: CloudError) => {
        assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    });

  it('end with an error of the network', async () => {
    const stream = new Stream();
    stream.end(new Error('broken'));
    await assert.rejects(read(stream), /broken/);
  });

  it('end with the signal, though the sender does not listen', async () => {
    const controller = new AbortController();
    const reading = read(new Stream(), controller.signal);
    const ended = assert.rejects(reading, /enough/);
    await settle();
    controller.abort(new CloudError('NP_ABORTED', 'enough'));
    await ended;
  });
});
