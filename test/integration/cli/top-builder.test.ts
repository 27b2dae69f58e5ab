/** `nodepool top` beside a builder: what it does, and one that cannot be asked. */
import assert from 'node:assert/strict';

import { BuilderCommands } from '../../support/builder-commands.ts';
import { BuilderSite, imageProvider } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('nodepool top beside builders', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
  });
  afterEach(() => site.close());

  it('shows uploads as builders tell them, and as ZooKeeper has them', async () => {
    site.configure({ providers: [imageProvider('first')] });
    site.cloud.cloud.arm({ call: 'PUT images/*/file', mode: 'hang' });
    const { webPort = 0 } = await site.start('127.0.0.2', { host: '127.0.0.2', webPort: 0 });
    await eventually(() => {
      assert.equal(site.uploads('first')[0]?.state, 'uploading');
    });
    const cli = await BuilderCommands.make(site, {
      sections: { extensions: { builder: { web: { port: webPort } } } },
    });
    const build = `debian-${site.builds()[0]?.id ?? ''}`;
    await eventually(async () => {
      const { code, out, err } = await cli.run('top');
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, /^no launcher is registered: nothing is served$/m);
      assert.ok(out.includes('  Builds and uploads: 1\n'), out);
      assert.ok(out.includes(`upload  ${build}  first  ${'█'.repeat(20)} 100 %`), out);
      assert.match(out, /^builder +127\.0\.0\.2 +\S+ +running +builds 0, uploads 1$/m);
    });
    // With the port of the configuration nobody is found.
    const lost = await BuilderCommands.make(site, { hostname: 'lost' });
    const { out } = await lost.run('top');
    assert.match(out, /^ {2}Builds and uploads: 1 {2}\(of 1 no builder tells how far it is\)$/m);
    assert.match(out, new RegExp(`^upload +${build} +first +\\d+ s$`, 'm'));
    assert.match(out, /^builder +127\.0\.0\.2 .*ECONNREFUSED/m);
  });
});
