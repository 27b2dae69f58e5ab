import assert from 'node:assert/strict';

import fc from 'fast-check';

import { KnownObjects } from '../../../../../shared/drivers/pods/client/known-objects.ts';
import type { KubeObject } from '../../../../../shared/drivers/pods/client/objects.ts';

const object = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { name, resourceVersion, uid },
});

function subject() {
  const known = new KnownObjects<KubeObject>(({ metadata }) => metadata?.name ?? '');
  const versions = (): Record<string, string | undefined> =>
    Object.fromEntries(
      [...known.objects].map(([name, { metadata }]) => [name, metadata?.resourceVersion]),
    );
  return { known, versions };
}

describe('what is known of a collection', () => {
  it('is the listing, and what the watch told since', () => {
    const { known, versions } = subject();
    known.replace([object('a', '1'), object('b', '2')], '5');
    known.apply({ type: 'MODIFIED', object: object('a', '6') });
    known.apply({ type: 'DELETED', object: object('b', '7') });
    known.apply({ type: 'ADDED', object: object('c', '8') });
    assert.deepEqual(versions(), { a: '6', c: '8' });
    assert.equal(known.version, '8');
  });

  it('goes on from a bookmark', () => {
    const { known, versions } = subject();
    known.replace([], '5');
    known.apply({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    assert.equal(known.version, '99');
    assert.deepEqual(versions(), {});
  });

  it('has what we wrote before the watch tells of it', () => {
    const { known, versions } = subject();
    known.replace([], '5');
    assert.ok(known.write(object('a', '7')));
    // Of somebody else, before that.
    known.apply({ type: 'ADDED', object: object('b', '6') });
    assert.deepEqual(versions(), { a: '7', b: '6' });
    known.apply({ type: 'ADDED', object: object('a', '7') });
    known.apply({ type: 'DELETED', object: object('a', '8') });
    assert.deepEqual(versions(), { b: '6' });
  });

  it('does not bring back what the watch told the end of', () => {
    const { known, versions } = subject();
    known.replace([], '5');
    known.apply({ type: 'ADDED', object: object('a', '6') });
    known.apply({ type: 'DELETED', object: object('a', '7') });
    assert.ok(!known.write(object('a', '6')));
    assert.deepEqual(versions(), {});
  });

  it('is not set back by an event from before our own writing', () => {
    const { known, versions } = subject();
    known.replace([object('a', '1', 'old')], '5');
    assert.ok(known.write(object('a', '9', 'new')));
    known.apply({ type: 'DELETED', object: object('a', '6', 'old') });
    assert.deepEqual(versions(), { a: '9' });
  });

  it('is over with the object, though its last version is told as an older one', () => {
    const { known, versions } = subject();
    known.replace([object('a', '4')], '5');
    assert.ok(known.write(object('a', '9')));
    known.apply({ type: 'DELETED', object: object('a', '4') });
    assert.deepEqual(versions(), {});
    assert.equal(known.version, '5');
  });

  it('keeps over a listing only what we wrote after it', () => {
    const { known, versions } = subject();
    assert.ok(known.write(object('a', '4')));
    assert.ok(known.write(object('b', '9')));
    known.replace([object('c', '1')], '5');
    assert.deepEqual(versions(), { c: '1', b: '9' });
    known.replace([], '10');
    assert.deepEqual(versions(), {});
  });

  it('forgets what we wrote once the watch has told of it', () => {
    const { known, versions } = subject();
    known.replace([], '5');
    assert.ok(known.write(object('a', '7')));
    known.apply({ type: 'ADDED', object: object('a', '7') });
    known.apply({ type: 'DELETED', object: object('a', '8') });
    // The cluster was set back to an old copy of its data.
    known.replace([], '3');
    assert.deepEqual(versions(), {});
  });

  it('leaves our own writings out where versions are no numbers', () => {
    const { known, versions } = subject();
    known.replace([], 'x5');
    assert.ok(!known.write(object('a', 'x7')));
    known.apply({ type: 'ADDED', object: object('b', 'x6') });
    assert.equal(known.version, 'x6');
    assert.deepEqual(versions(), { b: 'x6' });
    known.clear();
    assert.deepEqual([known.version, versions()], [undefined, {}]);
  });

  it('ends as the cluster, however late the answers to our own writings come', () => {
    // One object each: made (1), changed (2), ended (3); answers are the first two.
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), isEnded: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(fc.nat()), (steps, delays) => {
        const { known, versions } = subject();
        known.replace([], '1');
        const store = new Map<string, string>();
        const answers: (readonly [number, KubeObject])[] = [];
        let version = 1;
        const events = steps.map(({ name, isEnded }, index) => {
          version++;
          const type = !store.has(name) ? 'ADDED' : isEnded ? 'DELETED' : 'MODIFIED';
          const one = object(name, String(version));
          if (type === 'DELETED') store.delete(name);
          else {
            store.set(name, String(version));
            // After so many events, perhaps before its own.
            answers.push([Math.max(0, index + ((delays[index] ?? 0) % 5) - 2), one]);
          }
          return { type, object: one } as const;
        });
        for (const [index, event] of events.entries()) {
          for (const [at, one] of answers) if (at === index) known.write(one);
          known.apply(event);
        }
        for (const [at, one] of answers) if (at >= events.length) known.write(one);
        assert.deepEqual(versions(), Object.fromEntries(store));
      }),
    );
  });
});
