/**
 * What every driver of a cloud must do beyond what `launchingDriver` asks of all that launch: nothing
 * is lost, whatever call a launch is broken off at; errors are sorted; many launches cost few calls.
 */
import assert from 'node:assert/strict';

import { hasCode, hasLabel, type ErrorLabel } from '../../shared/base/errors.ts';
import type { ErrorCode } from '../../shared/base/error-codes.ts';
import type { ExternalId, LeakableResource, LeakCollector } from '../../shared/drivers/driver.ts';
import { launchingDriver, type LaunchSubject } from './driver-conformance.ts';
import { launchSpec, type RecordedSpec } from './launch-spec.ts';

export interface CloudSubject extends LaunchSubject {
  /** Is told of each call to the cloud before it takes effect. */
  onCall(listener: (call: string) => void): void;
  /** The name of the call that lists machines. */
  readonly listingCall: string;
  /** Machines, and all else that costs: volumes, addresses, ports. */
  countResources(): Promise<number>;
  /** Reasons that the cloud does not know. */
  readonly neverRefuses?: readonly Refusal[];
  /** The next machine is refused, for that reason. */
  refuse(reason: Refusal): void;
  /** Machines that are deleted stay, until `releaseDeletes`. */
  holdDeletes(): void;
  releaseDeletes(): void;
  /** Makes one resource of each kind that the driver collects, with these tags. */
  leaveBehind(tags: Readonly<Record<string, string>>): Promise<void>;
}

export type Refusal = 'transient' | 'capacity' | 'fatal';

const SORTED: Readonly<Record<Refusal, { code: ErrorCode; label?: ErrorLabel }>> = {
  transient: { code: 'NP_CLOUD_TRANSIENT', label: 'retryable' },
  capacity: { code: 'NP_CLOUD_CAPACITY', label: 'capacity' },
  fatal: { code: 'NP_CLOUD_FATAL' },
};

/** More calls than a launch of any driver takes. */
const MOST_CALLS = 50;
const MANY = 200;

const never = (): AbortSignal => new AbortController().signal;

/** The whole contract for a driver with a cloud behind it. Each test gets a subject of its own. */
export function cloudDriver(name: string, open: () => Promise<CloudSubject>): void {
  launchingDriver(name, open);

  describe(`${name}, as every driver of a cloud,`, () => {
    let subject: CloudSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const specOf = (nodeId?: string): RecordedSpec =>
      launchSpec(subject.config, subject.label, nodeId === undefined ? {} : { nodeId });

    /** The outcome, awaited or not, is never an unhandled rejection. */
    const begin = (spec: RecordedSpec, signal = never()): Promise<unknown> => {
      const launching = Promise.resolve(subject.provider.launch?.(spec, signal));
      launching.catch(() => undefined);
      return launching;
    };

    const deleteReported = async (reported: readonly ExternalId[]): Promise<void> => {
      for (const externalId of reported) {
        const target = { externalId, nodeId: '0000000001', driverData: null };
        await subject.settle(subject.provider.delete(target, never()));
      }
    };

    /** Launches and breaks off at the nth call; false: there were fewer calls. */
    const abortAtCall = async (nth: number): Promise<boolean> => {
      const spec = specOf();
      const controller = new AbortController();
      let calls = 0;
      subject.onCall(() => {
        if (++calls === nth) controller.abort(new Error('broken off'));
      });
      const launching = begin(spec, controller.signal);
      await subject.idle();
      subject.onCall(() => undefined);
      if (calls < nth) await subject.settle(launching);
      await deleteReported(spec.reported);
      assert.equal(await subject.countResources(), 0, `after an abort at call ${nth}`);
      return calls >= nth;
    };

    it('leaves nothing that was not reported, at whatever call a launch is broken off', async () => {
      let nth = 1;
      while (await abortAtCall(nth)) assert.ok(++nth < MOST_CALLS, 'no end of calls');
      assert.ok(nth > 1, 'no call was seen');
    });

    it('leaves nothing that was not reported where the report itself is broken off', async () => {
      const controller = new AbortController();
      const spec = launchSpec(subject.config, subject.label, {
        created: (externalId) => {
          spec.reported.push(externalId);
          controller.abort(new Error('broken off'));
          return Promise.resolve();
        },
      });
      await subject.settle(assert.rejects(begin(spec, controller.signal)));
      await subject.idle();
      await deleteReported(spec.reported);
      assert.equal(await subject.countResources(), 0);
    });

    it('reports a machine before it has its address', async () => {
      subject.stall();
      const spec = specOf();
      void begin(spec);
      await subject.idle();
      assert.equal(spec.reported.length, 1);
    });

    it('resolves a deletion only when the machine is gone', async () => {
      const spec = specOf();
      await subject.settle(begin(spec));
      subject.holdDeletes();
      const [externalId = ''] = spec.reported;
      const target = { externalId, nodeId: spec.nodeId, driverData: null };
      let isDone = false;
      const deleting = subject.provider.delete(target, never()).then(() => (isDone = true));
      await subject.idle();
      assert.equal(isDone, false);
      const again = subject.provider.delete(target, never());
      subject.releaseDeletes();
      await subject.settle(Promise.all([deleting, again]));
      assert.equal(await subject.countResources(), 0);
    });

    it('takes ids of a form that is none of its own for deleted', async () => {
      for (const externalId of ['', '..', 'a/b', 'x'.repeat(300), { host: 'h', instance: null }]) {
        const target = { externalId, nodeId: '0000000009', driverData: null };
        await subject.settle(subject.provider.delete(target, never()));
      }
    });

    for (const [reason, { code, label }] of Object.entries(SORTED))
      it(`fails with ${code} where the cloud refuses a machine: ${reason}`, async function () {
        if (subject.neverRefuses?.includes(reason as Refusal)) this.skip();
        subject.refuse(reason as Refusal);
        const failing = assert.rejects(begin(specOf()), (error) => {
          assert.ok(hasCode(error, code), String(error));
          assert.ok(label === undefined || hasLabel(error, label));
          return true;
        });
        await subject.settle(failing);
      });

    it(`costs ${MANY} waiting launches no more listings than one`, async function () {
      // Much work, and other tests beside it.
      this.timeout(60_000);
      subject.stall();
      let listings = 0;
      subject.onCall((call) => {
        if (call === subject.listingCall) listings++;
      });
      void begin(specOf('0000000001'));
      await subject.idle();
      const ofOne = listings;
      listings = 0;
      for (let id = 2; id <= MANY; id++) void begin(specOf(String(id).padStart(10, '0')));
      await subject.idle();
      assert.ok(listings <= ofOne + 1, `${ofOne} for one, ${listings} for ${MANY}`);
    });

    describe('leaks', () => {
      const collector = (): LeakCollector => {
        const { leaks } = subject.provider;
        assert.ok(leaks, 'the provider collects leaks');
        return leaks;
      };
      const listed = (): Promise<readonly LeakableResource[]> =>
        subject.settle(collector().list(never()));

      it('are what carries our tags, of each kind, and can be deleted', async () => {
        const { metadata } = specOf();
        await subject.leaveBehind(metadata);
        const resources = await listed();
        assert.equal(resources.length, await subject.countResources());
        for (const { metadata: tags } of resources)
          assert.deepEqual({ ...tags, ...metadata }, tags);
        const keys = new Set(resources.map(({ kind, id }) => `${kind} ${id}`));
        assert.equal(keys.size, resources.length, 'two resources of one kind and id');
        for (const resource of resources)
          await subject.settle(collector().delete(resource, never()));
        assert.deepEqual(await listed(), []);
        assert.equal(await subject.countResources(), 0);
      });

      it('are not what is of others', async () => {
        await subject.plantForeign();
        await subject.leaveBehind({ owner: 'somebody' });
        for (const { metadata } of await listed())
          assert.equal(metadata.nodepool_provider_name, undefined);
      });
    });

    it('calls nothing any more once it is closed, though a launch was under way', async () => {
      subject.stall();
      const controller = new AbortController();
      const launching = begin(specOf(), controller.signal);
      await subject.idle();
      await subject.settle(subject.provider.close());
      const calls: string[] = [];
      subject.onCall((call) => calls.push(call));
      await subject.idle();
      assert.deepEqual(calls, []);
      controller.abort(new Error('the launcher stops'));
      await subject.settle(assert.rejects(launching));
    });
  });
}
