/**
 * Our commands where nothing but Python Nodepool runs: its launcher does what they order. Skipped where
 * there is no Python Nodepool.
 */
import assert from 'node:assert/strict';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { nodePath, NODES } from '../../../shared/store/paths.ts';
import { CliSite, type Output } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';
import { config } from '../../support/launcher-scene.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { startPythonLauncher } from '../../support/python-launcher.ts';
import { START_MS } from '../../support/python-scene.ts';

describe('commands of ours beside a launcher of Python Nodepool alone', function () {
  this.timeout(150_000);
  let python: RunningDaemon;
  let site: CliSite;

  before(async function () {
    const peers = await peersOrSkip(this);
    site = await CliSite.make(config({ minReady: { small: 2 }, labels: ['small'] }));
    const { folder: workDir, configPath } = site;
    python = await startPythonLauncher({ peers, workDir, configPath });
    await untilReady(2);
  });
  after(async () => {
    await (python as RunningDaemon | undefined)?.stop(0);
    await (site as CliSite | undefined)?.close();
  });

  async function nodesIn(state: string): Promise<string[]> {
    const { out } = await site.ours('list', '--json');
    const rows = JSON.parse(out) as { id: string; state: string }[];
    return rows.filter((row) => row.state === state).map(({ id }) => id);
  }

  /** Python's stock may have one too many for a while. */
  async function untilReady(count: number): Promise<string[]> {
    let ids: string[] = [];
    await eventually(async () => {
      ids = await nodesIn('ready');
      assert.ok(ids.length >= count, await python.tail());
    }, START_MS);
    return ids;
  }

  const done = ({ code, err }: Output): void => {
    assert.deepEqual([code, err], [0, '']);
  };

  it('take a node out of its stock, which is filled up', async () => {
    const [id = ''] = await untilReady(2);
    const { out, ...rest } = await site.ours('hold', id, '--comment', 'look at it');
    done({ out, ...rest });
    assert.match(out, new RegExp(`\\| ${id} \\| .* \\| hold  \\| .* \\| unlocked \\|`));
    await untilReady(2);
    assert.deepEqual(await nodesIn('hold'), [id]);
  });

  it('have it delete a node', async () => {
    const [id = ''] = await nodesIn('hold');
    done(await site.ours('delete', id));
    await eventually(async () => {
      assert.equal(await site.client.exists(nodePath(id)), undefined);
    }, START_MS);
  });

  it('delete a node beside it, which it replaces', async () => {
    const [id = ''] = await untilReady(2);
    const output = await site.ours('delete', id, '--now');
    done(output);
    assert.equal(output.out.split('\n').length, 4 + 1, 'no row');
    assert.equal(await site.client.exists(nodePath(id)), undefined);
    assert.ok(!(await untilReady(2)).includes(id));
  });

  it('tell what there is, and forget it', async () => {
    const ids = await untilReady(2);
    const info = await site.ours('info', 'cloud');
    done(info);
    for (const id of ids) assert.match(info.out, new RegExp(`\\| ${id} \\| .{8,} \\|`));
    await python.stop();
    done(await site.ours('erase', 'cloud', '--force'));
    assert.deepEqual((await site.client.children(NODES)).children, []);
  });
});
