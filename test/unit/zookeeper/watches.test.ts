/** Who hears of which event. */
import assert from 'node:assert/strict';
import { hasCode } from '../../../shared/base/errors.ts';
import { Watches } from '../../../shared/zookeeper/watches.ts';
import type { WatchEvent } from '../../../shared/zookeeper/types.ts';

const CREATED = 1;
const DELETED = 2;
const CHANGED = 3;
const CHILDREN = 4;

interface Rig {
  readonly watches: Watches;
  readonly errors: unknown[];
  /** A listener that writes down what it hears under this name. */
  readonly listener: (name: string) => (event: WatchEvent | undefined) => void;
  readonly heard: string[];
}

function rig(): Rig {
  const errors: unknown[] = [];
  const heard: string[] = [];
  const watches = new Watches({
    relative: (path) => path.replace('/root', ''),
    onListenerError: (error) => errors.push(error),
  });
  const listener = (name: string) => (event: WatchEvent | undefined) => {
    heard.push(event ? `${name} ${event.type} ${event.path}` : `${name} end`);
  };
  return { watches, errors, heard, listener };
}

describe('Watches', () => {
  it('tells a recursive watch of all below it, but of no children', () => {
    const { watches, heard, listener } = rig();
    watches.add('/root/a', 'persistentRecursive', listener('r'));
    watches.dispatch({ type: CREATED, path: '/root/a/b/c' });
    watches.dispatch({ type: CHANGED, path: '/root/a' });
    watches.dispatch({ type: CHILDREN, path: '/root/a/b' });
    watches.dispatch({ type: DELETED, path: '/root/ab' });
    assert.deepEqual(heard, ['r created /a/b/c', 'r dataChanged /a']);
  });

  it('tells a plain watch of its own path only, children included', () => {
    const { watches, heard, listener } = rig();
    watches.add('/root/a', 'persistent', listener('p'));
    watches.dispatch({ type: CHILDREN, path: '/root/a' });
    watches.dispatch({ type: CREATED, path: '/root/a/b' });
    assert.deepEqual(heard, ['p childrenChanged /a']);
  });

  it('tells every watch above, the root among them, once', () => {
    const { watches, heard, listener } = rig();
    watches.add('/', 'persistentRecursive', listener('root'));
    watches.add('/root/a/b', 'persistent', listener('own'));
    watches.add('/root', 'persistentRecursive', listener('chroot'));
    watches.dispatch({ type: DELETED, path: '/root/a/b' });
    assert.deepEqual(heard, ['own deleted /a/b', 'chroot deleted /a/b', 'root deleted /a/b']);
  });

  it('tells a watch for once of the first change or deletion and of nothing more', () => {
    const { watches, heard, listener } = rig();
    watches.addOnce('/root/a', listener('once'));
    watches.dispatch({ type: CHILDREN, path: '/root/a' });
    watches.dispatch({ type: CHANGED, path: '/root/a' });
    watches.dispatch({ type: DELETED, path: '/root/a' });
    watches.endOnce();
    assert.deepEqual(heard, ['once dataChanged /a']);
  });

  it('tells watches for once when the connection ends, also if they look again at once', () => {
    const { watches, heard, listener } = rig();
    watches.addOnce('/root/a', () => {
      watches.addOnce('/root/a', listener('again'));
    });
    watches.endOnce();
    assert.deepEqual(heard, []);
    watches.dispatch({ type: DELETED, path: '/root/a' });
    assert.deepEqual(heard, ['again deleted /a']);
  });

  it('shares one watch among listeners and tells when the last has gone', () => {
    const { watches } = rig();
    const [one, two] = [(): void => {}, (): void => {}];
    const watch = watches.add('/root/a', 'persistent', one);
    assert.equal(watches.add('/root/a', 'persistent', two), watch);
    assert.equal(watches.remove(watch, one), false);
    assert.equal(watches.remove(watch, one), false);
    assert.equal(watches.remove(watch, two), true);
    assert.deepEqual([...watches.portions()], []);
  });

  it('refuses a second mode on one path', () => {
    const { watches, listener } = rig();
    watches.add('/root/a', 'persistent', listener('p'));
    assert.throws(
      () => watches.add('/root/a', 'persistentRecursive', listener('r')),
      (error) => hasCode(error, 'ZK_BAD_ARGUMENTS'),
    );
  });

  it('lets a listener that throws harm nobody else', () => {
    const { watches, errors, heard, listener } = rig();
    watches.add('/root/a', 'persistent', () => {
      throw new Error('mine');
    });
    watches.add('/root/a', 'persistent', listener('other'));
    watches.dispatch({ type: CREATED, path: '/root/a' });
    assert.equal(errors.length, 1);
    assert.deepEqual(heard, ['other created /a']);
  });

  it('ignores events that no watch of this client can have', () => {
    const { watches, heard, listener } = rig();
    watches.add('/root/a', 'persistent', listener('p'));
    for (const type of [-1, 0, 5, 7]) watches.dispatch({ type, path: '/root/a' });
    assert.deepEqual(heard, []);
  });

  it('gives all watches in portions below the limit of a packet', () => {
    const { watches, listener } = rig();
    const paths = Array.from({ length: 5_000 }, (_, i) => `/root/${'x'.repeat(100)}${i}`);
    for (const [index, path] of paths.entries()) {
      watches.add(path, index % 2 === 0 ? 'persistent' : 'persistentRecursive', listener('p'));
    }
    const portions = [...watches.portions()];
    assert.ok(portions.length >= 4);
    const sizes = portions.map(({ persistent, recursive }) =>
      [...persistent, ...recursive].reduce((sum, path) => sum + path.length + 4, 0),
    );
    assert.ok(Math.max(...sizes) <= 128 * 1024);
    const all = portions.flatMap(({ persistent, recursive }) => [...persistent, ...recursive]);
    assert.deepEqual(all.toSorted(), paths.toSorted());
  });
});
