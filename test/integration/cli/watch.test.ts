/** `--json` and `--watch` of listings, on a real ZooKeeper and on a real terminal. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { endWithUs } from '../../../fixtures/processes/reaper.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { nodeLockPath, nodePath, requestPath } from '../../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { CliSite } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';
import { Pty } from '../../support/pty.ts';

const main = join(import.meta.dirname, '../../../shared/cli/main.ts');
const OLD = Math.floor(Date.now() / 1000) - 3 * 86_400;

/** Our command as a process whose output is a pipe. */
class Piped {
  out = '';
  err = '';
  readonly #child: ChildProcess;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import=tsx', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(this.#child);
    this.#child.stdout?.on('data', (data: Buffer) => (this.out += data.toString()));
    this.#child.stderr?.on('data', (data: Buffer) => (this.err += data.toString()));
  }

  /** As Ctrl-C does it; answers the exit code. */
  async interrupt(): Promise<number> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    const [code] = (await closed) as [number];
    return code;
  }

  get lines(): string[] {
    return this.out.split('\n').slice(0, -1);
  }
}

const states = (line = ''): string[] =>
  (JSON.parse(line) as { state: string }[]).map(({ state }) => state);

describe('nodepool LISTING --json and --watch', () => {
  let site: CliSite;
  const putNode = (id: string, state: 'ready' | 'in-use' | 'failed'): Promise<void> =>
    site.put(
      nodePath(id),
      newNode({ provider: 'cloud', pool: 'main', type: ['small'], state }, OLD),
    );

  beforeEach(async () => {
    site = await CliSite.make();
    await putNode('0000000000', 'ready');
  });
  afterEach(() => site.close());

  it('print the web’s JSON once', async () => {
    await site.put(
      requestPath('100-0000000001'),
      newRequest({ node_types: ['small'], requestor: 'zuul' }, OLD),
    );
    const { code, out } = await site.ours('request-list', '--json');
    assert.equal(code, 0);
    assert.equal(
      out,
      '[{"id": "100-0000000001", "relative_priority": 0, "state": "requested", "requestor": "zuul", ' +
        '"node_types": ["small"], "nodes": [], "declined_by": [], "event_id": null}]\n',
    );
    const [node] = JSON.parse((await site.ours('list', '--json')).out) as object[];
    assert.deepEqual(Object.keys(node ?? {}).slice(0, 9), [
      ...['id', 'provider', 'label', 'server_id', 'public_ipv4', 'ipv6', 'state', 'age', 'locked'],
    ]);
  });

  for (const command of ['image-list', 'dib-image-list', 'image-status'])
    it(`print JSON: ${command}`, async () => {
      assert.equal((await site.ours(command, '--json')).out, '[]\n');
    });

  it('refuses what is no number of seconds', async () => {
    const { code, err } = await site.ours('list', '--watch=soon');
    assert.equal(code, 2);
    assert.match(err, /--watch soon: not a number of seconds/);
  });

  it('has colours in a pipe only if asked', async () => {
    assert.ok(!(await site.ours('list')).out.includes('\x1b'));
    assert.ok((await site.ours('list', '--color=always')).out.includes('\x1b[32mready\x1b[0m'));
  });

  it('prints a line of JSON for each change, locks included, and ends at Ctrl-C with 0', async () => {
    const watch = new Piped(['-c', site.configPath, 'list', '--json', '--watch', '0.05']);
    await eventually(() => {
      assert.deepEqual(states(watch.lines.at(-1)), ['ready']);
    });
    await putNode('0000000001', 'in-use');
    await eventually(() => {
      assert.deepEqual(states(watch.lines.at(-1)), ['ready', 'in-use']);
    });
    await site.client.ensurePath(`${nodeLockPath('0000000001')}/x__lock__0000000000`);
    await eventually(() => {
      assert.match(watch.lines.at(-1) ?? '', /"locked": "locked"/);
    });
    await site.client.deleteTree(nodePath('0000000000'));
    await eventually(() => {
      assert.deepEqual(states(watch.lines.at(-1)), ['in-use']);
    });
    assert.deepEqual([await watch.interrupt(), watch.err], [0, '']);
  });

  it('prints a block for each change where it is no terminal', async () => {
    const watch = new Piped(['-c', site.configPath, 'list', '--watch', '0.05']);
    await eventually(() => {
      assert.equal(watch.lines.length, 1 + 5 + 1);
    });
    await putNode('0000000000', 'failed');
    await eventually(() => {
      assert.equal(watch.lines.length, 2 * (1 + 5 + 1));
    });
    assert.equal(await watch.interrupt(), 0);
    assert.match(watch.out, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n\+-/);
    assert.match(watch.lines[7 + 4] ?? '', /\| failed /);
    assert.ok(!watch.out.includes('\x1b'));
  });

  it('fits a terminal, and has colours there', async () => {
    const terminal = await Pty.nodepool(['-c', site.configPath, 'list'], { columns: 60 });
    assert.equal(await terminal.ended(), 0);
    for (const line of terminal.lines) assert.ok(line.length <= 60, line);
    assert.ok(terminal.written.includes('\x1b[32mready'));
    const plain = await Pty.nodepool(['-c', site.configPath, 'list'], { env: { NO_COLOR: '1' } });
    await plain.ended();
    assert.ok(!plain.written.includes('\x1b'), plain.written);
    await terminal.close();
    await plain.close();
  });

  it('draws on a terminal what changes, scrolls, and leaves it as it was', async () => {
    const terminal = await Pty.nodepool(['-c', site.configPath, 'list', '--watch', '0.05'], {
      ...{ columns: 70, rows: 8 },
    });
    try {
      await eventually(() => {
        assert.match(terminal.lines[4] ?? '', /^\| 0000000000 \|.*ready/);
      });
      for (let id = 1; id < 20; id++) await putNode(String(id).padStart(10, '0'), 'in-use');
      await eventually(() => {
        terminal.type('G');
        assert.match(terminal.lines[6] ?? '', /^\| 0000000019 \|/);
      });
      terminal.resize(40, 12);
      await eventually(() => {
        assert.ok(terminal.lines.length <= 12 && terminal.lines.length > 8);
        for (const line of terminal.lines) assert.ok(line.length <= 40, line);
      });
      terminal.type('q');
      assert.equal(await terminal.ended(), 0);
      assert.ok(terminal.isRestored);
    } finally {
      await terminal.close();
    }
  });
});

describe('nodepool list --watch while ZooKeeper goes away', () => {
  let zookeeper: RunningZooKeeper;
  before(async () => {
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 200 });
  });
  after(() => zookeeper.stop());

  it('says so, goes on, and shows what changed meanwhile', async () => {
    const site = await CliSite.make();
    const [host = '', port = ''] = zookeeper.tlsHosts.split(':');
    const { ca, cert, key } = zookeeper.tls;
    const config = {
      'zookeeper-servers': [{ host, port: Number(port) }],
      'zookeeper-tls': { ca, cert, key },
    };
    await writeFile(site.configPath, JSON.stringify(config));
    const watch = new Piped(['-c', site.configPath, 'list', '--json', '--watch', '0.05']);
    await eventually(() => {
      assert.deepEqual(watch.lines, ['[]']);
    });
    await zookeeper.member(1).kill();
    await eventually(() => {
      assert.match(watch.err, /connection to ZooKeeper is lost; waiting for it/);
    });
    await zookeeper.member(1).start();
    await eventually(() => {
      assert.match(watch.err, /connected to ZooKeeper again/);
    });
    const client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
    await client.start(AbortSignal.timeout(20_000));
    await client.ensurePath('/nodepool/nodes');
    await client.create(nodePath('0000000007'), Buffer.from(JSON.stringify(newNode({}, OLD))));
    await client.close();
    await eventually(() => {
      assert.equal(states(watch.lines.at(-1)).length, 1);
    });
    assert.equal(await watch.interrupt(), 0);
    await site.close();
  });
});
