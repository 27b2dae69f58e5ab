import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import type { Plan } from '../../../shared/cli/plan/model.ts';
import { build, BUILDS, upload, uploadsOf } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';

const NOW = Date.now() / 1000;

const pool = (...labels: string[]): object => ({
  ...{ name: 'main', 'max-servers': 5 },
  labels: labels.map((name) => ({ name, diskimage: 'trixie', 'min-ram': 1 })),
});

const cloud = (name: string, ...labels: string[]): object => ({
  ...{ name, driver: 'fake', cloud: 'any', diskimages: [{ name: 'trixie' }] },
  pools: [pool(...labels)],
});

const BEFORE = {
  labels: [{ name: 'small' }, { name: 'big' }],
  diskimages: [{ name: 'trixie', elements: ['debian'], formats: ['qcow2'] }],
  providers: [cloud('one', 'small'), cloud('two', 'small', 'big')],
};

describe('nodepool plan', () => {
  let site: CliSite;

  before(async () => {
    site = await CliSite.make(BEFORE);
    const node = newNode({ state: 'ready', provider: 'two', pool: 'main', type: ['small'] }, NOW);
    await site.put('/nodepool/nodes/0000000001', node);
    await site.put('/nodepool/requests/200-0000000001', newRequest({ node_types: ['big'] }, NOW));
    const id = BUILDS.ready;
    await site.put(`/nodepool/images/trixie/builds/${id}`, build({ formats: 'qcow2' }));
    await site.put(`${uploadsOf('trixie', id, 'two')}/0000000001`, upload());
  });

  after(() => site.close());

  async function file(sections: object, name = 'new.yaml'): Promise<string> {
    const path = join(site.folder, name);
    await writeFile(path, JSON.stringify({ ...BEFORE, ...sections }, undefined, 1));
    return path;
  }

  it('says that nothing changes', async () => {
    const servers = { 'zookeeper-servers': [{ host: 'other' }], 'zookeeper-tls': undefined };
    const { code, out } = await site.ours('plan', await file(servers), '--offline');
    assert.equal(code, 0);
    assert.match(out, /! ~ zookeeper-servers: has another chroot/);
    const same = await site.ours('plan', site.configPath, '--check');
    assert.deepEqual(same, { code: 0, out: `${site.configPath} changes nothing.\n`, err: '' });
  });

  it('tells what a provider leaves behind that goes', async () => {
    const path = await file({ providers: [cloud('one', 'small')] });
    const { code, out, err } = await site.ours('plan', path, '--json', '--check');
    assert.deepEqual([code, err], [3, '']);
    const plan = JSON.parse(out) as Plan;
    const parts = ['providers', 'labels', 'nodes', 'images', 'requests'];
    assert.deepEqual(
      plan.changes
        .filter(({ part }) => parts.includes(part))
        .map(({ code: one, ids }) => [one, ids]),
      [
        ['provider-removed', ['main']],
        ['label-gone', []],
        ['provider-orphan', ['0000000001']],
        ['uploads-left', [`${BUILDS.ready}/two/0000000001`]],
        ['requests-lost', ['200-0000000001']],
      ],
    );
    assert.equal(plan.is_of_records, true);
    const people = await site.ours('plan', path);
    assert.equal(people.code, 0);
    assert.match(people.out, /^! - two: 1 node free: nobody hands them out .*\[0000000001\]$/m);
  });

  it('refuses a file as config-validate does', async () => {
    const path = await file({ labels: [{ nam: 'small' }] }, 'wrong.yaml');
    const { code, out, err } = await site.ours('plan', path);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^\S+wrong\.yaml:\d+:\d+: labels\[0\]/m);
    const gone = await site.ours('plan', join(site.folder, 'none.yaml'));
    assert.deepEqual([gone.code, gone.out], [1, '']);
    assert.match(gone.err, /none\.yaml: cannot be read: it does not exist/);
  });

  it('is an error of the command line without a file', async () => {
    const { code, err } = await site.ours('plan');
    assert.equal(code, 2);
    assert.match(err, /plan needs <file>/);
  });

  it('reads the secure file of the new configuration', async () => {
    const secure = join(site.folder, 'secure.yaml');
    await writeFile(secure, '{"diskimages": [{"name": "trixie", "env-vars": {"KEY": "sesame"}}]}');
    const { code, out } = await site.ours('plan', await file({}), '--secure', secure, '--offline');
    assert.equal(code, 0);
    assert.match(out, /trixie: .*\[env-vars: KEY\]/);
    assert.ok(!out.includes('sesame'));
  });
});
