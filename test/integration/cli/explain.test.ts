/**
 * `nodepool explain` on real launchers in the situations in which people ask. Ids, times and addresses
 * are replaced by words, since they differ from run to run.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { webSource } from '../../../launcher/web-source.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { CloudError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { Explanation } from '../../../shared/cli/explain/model.ts';
import { runCli } from '../../../shared/cli/run.ts';
import type { Driver } from '../../../shared/drivers/driver.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { eventually } from '../../support/eventually.ts';
import type { InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config, fakeProvider, play, type Scene } from '../../support/launcher-scene.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a user of the command line has: a configuration file, and addresses of launchers. */
class Desk {
  readonly #folder: string;
  readonly #webs: WebServer[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open({ connectString }: Scene, work: (desk: Desk) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-explain-'));
    const desk = new Desk(folder);
    const [, host = '', port = '', chroot = ''] = /^([^:]*):(\d+)(.*)$/.exec(connectString) ?? [];
    await writeFile(
      desk.#path,
      JSON.stringify({ 'zookeeper-servers': [{ host, port: Number(port), chroot }] }),
    );
    try {
      await work(desk);
    } finally {
      await Promise.all(desk.#webs.map((web) => web.close()));
      await rm(folder, { recursive: true });
    }
  }

  get #path(): string {
    return join(this.#folder, 'nodepool.yaml');
  }

  /** Gives a launcher the web server that it has as a process. */
  async webOf({ launcher }: InProcessLauncher): Promise<string> {
    const web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, source: webSource(launcher) },
      ...{ clock: systemClock, log: silentLogger },
    });
    this.#webs.push(web);
    return `http://127.0.0.1:${web.port}`;
  }

  async run(...args: readonly string[]): Promise<Run> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCli({
      ...{ args: ['-c', this.#path, ...args], version: '1', environment: {}, hostname: 'desk' },
      ...{ clock: systemClock, signal: AbortSignal.timeout(60_000) },
      print: (line) => out.push(line),
      warn: (line) => err.push(line),
      write: () => Promise.resolve(),
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

  /** Asks until the verdict is the one expected: answers of a launcher may be a second old. */
  async untilVerdict(request: string, urls: readonly string[], code: string): Promise<Explanation> {
    let last: Explanation | undefined;
    const asked = urls.flatMap((url) => ['--url', url]);
    await eventually(async () => {
      const run = await this.run('explain', request, '--json', ...asked);
      assert.equal(run.code, 0, run.err);
      last = JSON.parse(run.out) as Explanation;
      assert.equal(last.verdict.code, code, run.out);
    });
    assert.ok(last);
    return last;
  }
}

/** Puts words in place of what differs between runs. */
function still(text: string, names: Readonly<Record<string, string>>): string {
  let words = text;
  for (const [name, value] of Object.entries(names)) words = words.replaceAll(value, name);
  return words
    .replaceAll(/\bfor \d+ (s|min)\b( \d+ s)?/g, 'for TIME')
    .replaceAll(/\b\d+ s ago/g, 'TIME ago');
}

/** Room for one node. */
const oneServer = config({ pool: { 'max-servers': 1 } });

/** A label whose image nobody has uploaded. */
const withoutImage = config({
  labels: ['fresh'],
  providers: [
    {
      ...fakeProvider(),
      diskimages: [{ name: 'nightly' }],
      pools: [{ name: 'main', labels: [{ name: 'fresh', diskimage: 'nightly', 'min-ram': 1 }] }],
    },
  ],
  extra: { diskimages: [{ name: 'nightly', formats: ['raw'], elements: ['vm'] }] },
});

const unstartable = { name: 'odd', driver: 'test', pools: [{ name: 'main', labels: ['small'] }] };
const refusing: Driver = {
  name: 'test',
  connect: () => Promise.reject(new CloudError('NP_PROVIDER_START', 'wrong credentials')),
};

/** Python's launcher, as far as it can be seen: a pool in ZooKeeper, a web server without our page. */
async function besidePython(
  { zuul: { client } }: Scene,
  labels: readonly string[],
  work: (url: string) => Promise<void>,
): Promise<void> {
  const pool = {
    ...{ hostname: 'py-host', id: 'py', kind: 'pool', name: 'main', paused: true, priority: 100 },
    ...{ provider_name: 'py', state: 'running', supported_labels: labels, version: '11.0.0' },
  };
  await client.ensurePath('/nodepool/components/pool');
  const made = await client.create(
    '/nodepool/components/pool/py-host',
    Buffer.from(JSON.stringify(pool)),
    { mode: 'ephemeralSequential' },
  );
  const server = createServer((_, response) => response.writeHead(404).end('404 Not Found'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await client.delete(made.path);
  }
}

describe('nodepool explain', () => {
  it('says how much quota is missing, who is before, and how far a launch is', () =>
    play(oneServer, async (scene) => {
      const { zuul, own, cloud } = scene;
      await Desk.open(scene, async (desk) => {
        const url = await desk.webOf(own);
        const answered = await zuul.ask(['small']);
        const using = await zuul.use(answered.id, answered.nodes);
        const first = await zuul.submit(['small']);
        const head = await desk.untilVerdict(first, [url], 'quota');
        assert.equal(
          head.verdict.text,
          'waits for quota in cloud-main: 1 of 1 instances missing (limit of the pool); 0 of 1 node ready',
        );
        const second = await zuul.submit(['small']);
        await desk.untilVerdict(second, [url], 'pool-waits-for-quota');
        const { out } = await desk.run('explain', second, '--url', url);
        assert.equal(
          still(out, { FIRST: first, SECOND: second, URL: url }),
          `SECOND waits behind FIRST, for which cloud-main waits for quota

state      requested for TIME, asked for TIME ago
labels     small
by         zuul-system-id, tenant tenant-one
event      e1e1
before it  1 in cloud-main: FIRST

pools
  cloud-main  not now  for TIME; a request before this one waits for quota in the pool

launchers
  launcher-host  URL  answered`,
        );
        assert.deepEqual(own.launcher.describe().waiting_for, [
          '1 in cloud-main: pool-waits-for-quota',
        ]);
        cloud.holdCreates();
        await using.giveBack();
        const launching = await desk.untilVerdict(first, [url], 'launching');
        const [node] = launching.serving?.nodes ?? [];
        assert.equal(node?.attempt, 1);
        assert.ok(node.node);
        const dump = JSON.stringify(own.launcher.describe());
        assert.match(dump, new RegExp(`${first} in cloud-main for \\d+ s: small ${node.node} `));
        cloud.releaseCreates();
        await zuul.untilState(first, 'fulfilled');
        const done = await desk.untilVerdict(first, [url], 'fulfilled');
        assert.deepEqual(
          done.nodes.map(({ state }) => state),
          ['ready'],
        );
        // Its node is free for the other, which shall not keep the launcher from its end.
        await zuul.cancel(second);
      });
    }));

  it('says what one pool declined, and that the rest is up to a launcher that cannot be asked', () =>
    play(withoutImage, async (scene) => {
      const { zuul, own } = scene;
      await besidePython(scene, ['fresh'], async (python) => {
        await Desk.open(scene, async (desk) => {
          const url = await desk.webOf(own);
          const request = await zuul.submit(['fresh']);
          await eventually(async () => {
            const declined = (await zuul.request(request))?.declined_by as string[];
            assert.equal(declined.length, 1);
          });
          await desk.untilVerdict(request, [url, python], 'unknown');
          const { out } = await desk.run('explain', request, '--url', url, '--url', python);
          assert.equal(
            still(out, { ID: request, OWN: url, PYTHON: python }),
            `ID is left to py-main, whose launcher py-host cannot be asked; it waits for quota, says ZooKeeper

state   requested for TIME, asked for TIME ago
labels  fresh
by      zuul-system-id, tenant tenant-one
event   e1e1

pools
  py-main     unknown   has the labels, it is paused, launcher py-host cannot be asked why
  cloud-main  declined  for TIME; label fresh has no image yet

launchers
  launcher-host  OWN  answered
  ?              PYTHON  cannot be asked: it answers 404, as Python’s launchers do`,
          );
          await own.stop();
          const alone = await desk.run('explain', request, '--url', python);
          assert.match(alone.out, /\nNo launcher could be asked; this is what ZooKeeper tells\.\n/);
          const foreign = await zuul.submit(['elsewhere']);
          await desk.untilVerdict(foreign, [python], 'nobody');
        });
      });
    }));

  it('names the provider that would serve the request and cannot start', () =>
    play(
      { labels: [{ name: 'small' }], providers: [unstartable] },
      async (scene) => {
        await Desk.open(scene, async (desk) => {
          const url = await desk.webOf(scene.own);
          const request = await scene.zuul.submit(['small']);
          const { verdict } = await desk.untilVerdict(request, [url], 'provider-absent');
          assert.match(
            verdict.text,
            /^waits for provider odd, which does not run: wrong credentials; tried again in \d+ s$/,
          );
        });
      },
      { drivers: { test: refusing } },
    ));

  it('fails where there is no such request', () =>
    play(oneServer, async (scene) => {
      await Desk.open(scene, async (desk) => {
        const { code, out, err } = await desk.run('explain', '200-0000009999');
        assert.deepEqual([code, out], [1, '']);
        assert.match(err, /^nodepool: there is no request 200-0000009999: /);
      });
    }));
});
