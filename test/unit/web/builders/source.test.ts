import assert from 'node:assert/strict';

import { settle } from '../../../../fixtures/clock.ts';
import { storeBuilders } from '../../../../shared/web/builders/source.ts';
import { good } from '../../config/load-text.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

describe('builders as the launcher knows them', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
    for (const [kind, host] of [
      ['builder', 'b1'],
      ['builder', 'desk'],
      ['launcher', 'l1'],
    ] as const) {
      const data = Buffer.from(JSON.stringify({ kind, hostname: host, state: 'running' }));
      await world.other.create(`/nodepool/components/${kind}/${host}0000000000`, data);
    }
    await settle();
  });

  const source = (config = '{}'): ReturnType<typeof storeBuilders> =>
    storeBuilders(world.store, { config: () => good(config), hostname: 'desk' });

  it('are those online, and further ones that records name', () => {
    const urls = source()
      .targets(['b1.example.org', 'b2.example.org', 'desk.example.org'])
      .map(({ url }) => url);
    assert.deepEqual(urls, [
      ...['http://b1:8006', 'http://b2.example.org:8006', 'http://127.0.0.1:8006'],
    ]);
  });

  it('have built what the records say', async () => {
    const path = '/nodepool/images/debian/builds';
    await world.other.ensurePath(path);
    const record = Buffer.from(JSON.stringify({ state: 'ready', builder: 'b1' }));
    await world.other.create(`${path}/${'a'.repeat(32)}`, record);
    await settle();
    const [build, ...others] = source().buildsOf('debian');
    assert.deepEqual([build?.build, build?.record.builder], ['a'.repeat(32), 'b1']);
    assert.deepEqual([others, source().buildsOf('deb')], [[], []]);
  });

  it('keep their logs where they listen to their own machine, unless the launcher does, too', () => {
    const builder = (address: string): string =>
      `extensions: {builder: {web: {listen-address: "${address}"}}}\n`;
    const webapp = (address: string): string => `webapp: {listen_address: "${address}"}\n`;
    assert.equal(source().areLogsKept(), true);
    assert.equal(source(webapp('127.0.0.1')).areLogsKept(), false);
    assert.equal(source(webapp('::1') + builder('localhost')).areLogsKept(), false);
    assert.equal(source(builder('0.0.0.0')).areLogsKept(), false);
    assert.equal(source(builder('::1')).areLogsKept(), true);
  });
});
