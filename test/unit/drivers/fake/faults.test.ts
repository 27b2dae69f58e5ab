import assert from 'node:assert/strict';

import fc from 'fast-check';

import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import { NO_FAULTS, readFaults, seededRandom } from '../../../../shared/drivers/fake/faults.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { fakeSubject, type FakeSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

/** The launch as a value: the instance, or what it failed with, or that it still runs. */
async function outcome(subject: FakeSubject, number = 1, waitMs = 100): Promise<unknown> {
  const spec = launchSpec(subject.config, 'plain', { nodeId: String(number).padStart(10, '0') });
  let result: unknown = 'runs';
  subject.provider.launch?.(spec, never()).then(
    (instance) => (result = instance.interfaceIp),
    (error: unknown) => (result = error),
  );
  await subject.clock.advance(waitMs);
  return result;
}

async function deletion(subject: FakeSubject, waitMs = 0): Promise<unknown> {
  let result: unknown = 'runs';
  const externalId = subject.cloud.servers[0]?.id ?? 'none';
  subject.provider.delete({ externalId, nodeId: '1', driverData: null }, never()).then(
    () => (result = 'gone'),
    (error: unknown) => (result = error),
  );
  await subject.clock.advance(waitMs);
  return result;
}

describe('failures on purpose of the fake cloud', () => {
  it('refuse before anything exists', async () => {
    const subject = await fakeSubject({ 'fail-create': { error: 'transient' } });
    assert.ok(hasLabel(await outcome(subject), 'retryable'));
    assert.equal(subject.cloud.servers.length, 0);
  });

  it('fail after the server exists', async () => {
    const subject = await fakeSubject({ 'fail-create': { mode: 'after-exists' } });
    assert.ok(hasCode(await outcome(subject), 'NP_CLOUD_TRANSIENT'));
    assert.equal(subject.cloud.servers[0]?.status, 'ERROR');
  });

  it('hang for ever', async () => {
    const subject = await fakeSubject({ 'fail-create': { mode: 'hang' } });
    assert.equal(await outcome(subject, 1, 3_600_000), 'runs');
    assert.equal(subject.cloud.servers[0]?.status, 'BUILD');
  });

  it('make a server without an address', async () => {
    const subject = await fakeSubject({ 'fail-create': { mode: 'no-address' } });
    assert.match(String(await outcome(subject)), /has no address/);
    assert.equal(subject.cloud.servers[0]?.status, 'ACTIVE');
  });

  for (const [error, code] of [
    ['capacity', 'NP_CLOUD_CAPACITY'],
    ['quota', 'NP_CLOUD_QUOTA'],
    ['fatal', 'NP_CLOUD_FATAL'],
  ] as const)
    it(`have the kind ${error}`, async () => {
      const subject = await fakeSubject({ 'fail-create': { error } });
      assert.ok(hasCode(await outcome(subject), code));
    });

  it('strike every Nth call and no more often than they may', async () => {
    const subject = await fakeSubject({ 'fail-create': { every: 2, times: 2 } });
    const outcomes: unknown[] = [];
    for (let number = 1; number <= 6; number++) outcomes.push(await outcome(subject, number));
    assert.deepEqual(
      outcomes.map((one) => one === 'fake'),
      [true, false, true, false, true, true],
    );
    assert.equal(subject.cloud.calls.create, 6);
  });

  it('take their time to create and to delete', async () => {
    const subject = await fakeSubject({ 'create-delay': 5, 'delete-delay': [2, 2] });
    assert.equal(await outcome(subject, 1, 4999), 'runs');
    await subject.clock.advance(1);
    assert.equal(subject.cloud.servers[0]?.status, 'ACTIVE');
    assert.equal(await deletion(subject, 1999), 'runs');
    assert.equal(subject.cloud.servers[0].status, 'DELETING');
    await subject.clock.advance(1);
    assert.equal(subject.cloud.servers.length, 0);
  });

  it('refuse, lie about or never end a deletion', async () => {
    for (const [mode, expected] of [
      ['error', /not deleted/],
      ['lie', /^gone$/],
      ['hang', /^runs$/],
    ] as const) {
      const subject = await fakeSubject({ 'fail-delete': { mode } });
      await outcome(subject);
      assert.match(String(await deletion(subject, 1000)), expected);
      assert.equal(subject.cloud.servers.length, 1, mode);
    }
  });

  it('hide servers from listings', async () => {
    const subject = await fakeSubject({ 'listing-misses': 1 });
    await outcome(subject);
    assert.deepEqual(await subject.provider.listInstances(never()), []);
    assert.equal(subject.cloud.servers.length, 1);
  });

  it('repeat themselves for a seed', async () => {
    const play = async (seed: number): Promise<boolean[]> => {
      const subject = await fakeSubject({ seed, 'fail-create': { probability: 0.5 } });
      const outcomes: unknown[] = [];
      for (let number = 1; number <= 30; number++) outcomes.push(await outcome(subject, number));
      return outcomes.map((one) => one === 'fake');
    };
    assert.deepEqual(await play(7), await play(7));
    assert.notDeepEqual(await play(7), await play(8));
  });

  it('are those of the provider where it has its own', () => {
    const extension = {
      'create-delay': 1,
      'delete-delay': 2,
      providers: { one: { 'create-delay': 3 } },
    };
    assert.equal(readFaults(extension, 'one').createDelaySeconds, 3);
    assert.equal(readFaults(extension, 'one').deleteDelaySeconds, 2);
    assert.equal(readFaults(extension, 'two').createDelaySeconds, 1);
  });

  it('are none where nothing is said', () => {
    assert.deepEqual(readFaults(undefined, 'one'), NO_FAULTS);
  });

  for (const extension of [
    'text',
    { 'creat-delay': 1 },
    { 'create-delay': -1 },
    { 'create-delay': [2, 1] },
    { 'fail-create': { mode: 'explode' } },
    { providers: { one: { seed: 1 } } },
  ])
    it(`are refused when they read ${JSON.stringify(extension)}`, () => {
      assert.throws(
        () => readFaults(extension, 'one'),
        (error) => hasCode(error, 'NP_CONFIG_INVALID'),
      );
    });

  it('draw numbers in [0, 1) from a seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        for (let draw = 0; draw < 20; draw++) {
          const value = random();
          assert.ok(value >= 0 && value < 1);
        }
      }),
    );
  });
});
