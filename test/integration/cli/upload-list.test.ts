/** `nodepool upload-list`: uploads of all builders that can be asked. */
import assert from 'node:assert/strict';

import { BuilderCommands } from '../../support/builder-commands.ts';
import { BuilderSite, imageProvider } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('nodepool upload-list', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
  });
  afterEach(() => site.close());

  it('shows what runs, and names builders that cannot be asked', async () => {
    site.configure({ providers: [imageProvider('first')] });
    site.cloud.cloud.arm({ call: 'PUT images/*/file', mode: 'hang' });
    const { webPort = 0 } = await site.start('127.0.0.2', { host: '127.0.0.2', webPort: 0 });
    await eventually(() => {
      assert.equal(site.uploads('first')[0]?.state, 'uploading');
    });
    // A builder of Python's.
    const place = '/nodepool/components/builder/other-0000000009';
    await site.client.ensurePath(place);
    const record = { hostname: '127.0.0.3', kind: 'builder', state: 'running', version: '11.0.0' };
    await site.client.set(place, Buffer.from(JSON.stringify(record)));
    const cli = await BuilderCommands.make(site, {
      sections: { extensions: { builder: { web: { port: webPort } } } },
    });
    const [build] = site.builds();
    await eventually(async () => {
      const { code, out, err } = await cli.run('upload-list');
      assert.equal(code, 0);
      assert.match(err, /^nodepool: builder at http:\/\/127.0.0.3:\d+: .*ECONNREFUSED/);
      const [, header = '', , row = ''] = out.split('\n');
      assert.match(header, /^\| Build ID +\| Upload ID +\| Provider \| Builder +\| Sent +\| Total/);
      assert.ok(
        row.includes(`| debian-${build?.id ?? ''} | 0000000001 | first    | 127.0.0.2 |`),
        row,
      );
      assert.ok(row.includes('| 24 B | 24 B  | 100 %   |'), row);
    });
    const url = `http://127.0.0.2:${webPort}`;
    const { out, err } = await cli.run('upload-list', '--json', '--url', url);
    const [upload, ...others] = JSON.parse(out) as { provider: string; total_bytes: number }[];
    assert.deepEqual([upload?.provider, upload?.total_bytes, others, err], ['first', 24, [], '']);
  });

  it('shows headers where nothing runs, and says that there are no builders', async () => {
    const cli = await BuilderCommands.make(site);
    const { code, out, err } = await cli.run('upload-list');
    assert.deepEqual([code, err], [0, 'nodepool: no builder is registered\n']);
    assert.equal(out.split('\n').length, 4 + 1);
    assert.equal((await cli.run('upload-list', '--json')).out, '[]\n');
  });
});
