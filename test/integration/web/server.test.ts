import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import type { LauncherStatus } from '../../../schemas/launcher-status.ts';
import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { buildSchema, uploadSchema } from '../../../schemas/records/image.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import type {
  BuildView,
  ImageView,
  NodeView,
  UploadView,
  WebSource,
} from '../../../shared/web/source.ts';
import { quietSource } from '../../support/web-source.ts';
import { quietStatus } from '../../support/launcher-status.ts';

const NOW = 1_800_000_000;

const node: NodeView = {
  id: '0000000042',
  isLocked: true,
  record: newNode(
    {
      state: 'ready',
      provider: 'aws',
      pool: 'main',
      type: ['jammy', 'big'],
      external_id: { instance: 'i-1', host: null },
      public_ipv4: '192.0.2.1',
      connection_port: { token: 'hunter2' },
    },
    NOW - 3661,
  ),
};

const build = { image: 'trixie', build: 'abc' };
const buildRecord = buildSchema.parse({ state: 'ready', state_time: NOW - 61, formats: 'raw' });
const uploadRecord = uploadSchema.parse({ state: 'ready', state_time: NOW - 61 });

class Source implements WebSource {
  readonly launcher = 'launcher-host';
  readonly version = '0.0.0-test';
  readonly topics = [];
  readonly actions = quietSource().actions;
  readonly builders = quietSource().builders;
  all: NodeView[] = [node];
  ready = true;
  reads = 0;
  nodes(): NodeView[] {
    this.reads++;
    return this.all;
  }
  node(id: string): NodeView | undefined {
    return this.all.find((one) => one.id === id);
  }
  requests(): { id: string; record: ReturnType<typeof newRequest> }[] {
    const record = newRequest({ node_types: ['jammy'], declined_by: ['p1', 'p2'] }, NOW);
    return [{ id: '200-0000000001', record }];
  }
  readonly images = {
    images: (): ImageView[] => [
      { name: 'trixie', isPaused: false, request: { createdAt: NOW - 61, isBuilding: true } },
    ],
    builds: (): BuildView[] => [{ ...build, record: buildRecord, isPaused: true }],
    uploads: (): UploadView[] => [
      { ...build, provider: 'one', upload: '0000000001', record: uploadRecord },
    ],
  };
  explain(request: string): object | undefined {
    this.reads++;
    return request === '200-0000000001' ? { request, state: 'requested' } : undefined;
  }
  explainWaiting(): object {
    return { waiting: 1 };
  }
  status(): LauncherStatus {
    this.reads++;
    return quietStatus({ waiting: 7 });
  }
  labels(): string[] {
    return ['b', 'a', 'b'];
  }
  isReady(): boolean {
    return this.ready;
  }
}

describe('the web server', () => {
  let source: Source;
  let nowMs: number;
  let web: WebServer;
  let base: string;

  beforeEach(async () => {
    source = new Source();
    nowMs = NOW * 1000;
    const clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => undefined };
    web = await startWeb({ address: '127.0.0.1', port: 0, source, clock, log: silentLogger });
    base = `http://127.0.0.1:${web.port}`;
  });
  afterEach(() => web.close());

  async function text(path: string, init?: RequestInit): Promise<string> {
    const response = await fetch(base + path, init);
    assert.equal(response.status, 200);
    return response.text();
  }
  const asJson = { headers: { accept: 'application/json' } };

  it('lists nodes as a table with the columns asked for, in the order of the table', async () => {
    assert.equal(
      await text('/node-list?fields=age,id,server_id,label,locked,unknown'),
      `+------------+-----------+-----------------------------------+-------------+--------+
| ID         | Label     | Server ID                         | Age         | Locked |
+------------+-----------+-----------------------------------+-------------+--------+
| 0000000042 | jammy,big | {'instance': 'i-1', 'host': None} | 00:01:01:01 | locked |
+------------+-----------+-----------------------------------+-------------+--------+`,
    );
  });

  it('lists nodes as JSON with all keys of the original', async () => {
    const body = await text('/node-list?fields=id', asJson);
    assert.match(body, /^\[\{"id": "0000000042", "provider": "aws", "label": \["jammy", "big"\]/);
    const [row] = JSON.parse(body) as [Record<string, unknown>];
    assert.deepEqual(Object.keys(row).length, 21);
    assert.equal(row.age, '00:01:01:01');
    assert.equal(row.connection_port, 'redacted');
    assert.doesNotMatch(body, /hunter2/);
  });

  it('shows one node, or none where the id is unknown', async () => {
    assert.match(await text('/node-list?node_id=0000000042'), /0000000042/);
    assert.equal(await text('/node-list?node_id=7', asJson), '[]');
  });

  it('lists images, builds and uploads, with the age of tables and the moments of JSON', async () => {
    assert.match(
      await text('/image-status'),
      /\| trixie \| False +\| building +\| 00:00:01:01 +\|/,
    );
    assert.match(
      await text('/dib-image-list?fields=id,state,age'),
      /\| trixie-abc \| paused \| 00:/,
    );
    assert.deepEqual(JSON.parse(await text('/image-list', asJson)), [
      {
        id: 'abc',
        upload_id: '0000000001',
        provider: 'one',
        image: 'trixie',
        external_name: null,
        external_id: null,
        state: 'ready',
        age: NOW - 61,
      },
    ]);
    const [row] = JSON.parse(await text('/dib-image-list', asJson)) as [Record<string, unknown>];
    assert.deepEqual(row.formats, ['raw']);
  });

  it('lists requests and labels', async () => {
    const [row] = JSON.parse(await text('/request-list', asJson)) as [Record<string, unknown>];
    assert.deepEqual(row, {
      id: '200-0000000001',
      relative_priority: 0,
      state: 'requested',
      requestor: null,
      node_types: ['jammy'],
      nodes: [],
      declined_by: ['p1', 'p2'],
      event_id: null,
    });
    assert.equal(await text('/label-list', asJson), '[{"label": "a"}, {"label": "b"}]');
  });

  it('explains a request, and all that wait, as JSON whatever is asked for', async () => {
    const response = await fetch(`${base}/explain/200-0000000001`, {
      headers: { accept: 'text/html' },
    });
    assert.match(response.headers.get('content-type') ?? '', /^application\/json\b/);
    assert.deepEqual(await response.json(), { request: '200-0000000001', state: 'requested' });
    assert.deepEqual(JSON.parse(await text('/explain')), { waiting: 1 });
  });

  it('does not know a request that is not there, and says so in JSON', async () => {
    const response = await fetch(`${base}/explain/200-0000000002`);
    assert.equal(response.status, 404);
    assert.equal(await response.text(), 'null');
  });

  it('tells what goes on, made once a second for all who ask', async () => {
    const made = source.reads;
    const bodies = await Promise.all(['/status', '/status', '/status'].map((path) => text(path)));
    assert.deepEqual(JSON.parse(bodies[0] ?? ''), quietStatus({ waiting: 7 }));
    assert.equal(source.reads - made, 1);
    nowMs += 1001;
    await text('/status');
    assert.equal(source.reads - made, 2);
  });

  it('explains a request once a second', async () => {
    for (let i = 0; i < 3; i++) await text('/explain/200-0000000001');
    assert.equal(source.reads, 1);
  });

  it('takes form fields as parameters and any method as a question', async () => {
    const body = new URLSearchParams({ fields: 'label' });
    assert.match(await text('/label-list', { method: 'POST', body }), /Label/);
    assert.match(await text('/label-list', { method: 'DELETE' }), /Label/);
    assert.equal(await text('/label-list', { method: 'HEAD' }), '');
    assert.match(await text('/label-list', { method: 'POST', body: '{"broken' }), /Label/);
  });

  it('answers a second from what it has, and then anew', async () => {
    for (let i = 0; i < 3; i++) await text('/node-list');
    assert.equal(source.reads, 1);
    nowMs += 1001;
    source.all = [];
    assert.doesNotMatch(await text('/node-list'), /0000000042/);
  });

  it('says how long an answer holds, and 304 to who has it', async () => {
    const response = await fetch(`${base}/node-list`);
    const modified = response.headers.get('last-modified') ?? '';
    assert.equal(modified, new Date(NOW * 1000).toUTCString());
    assert.equal(response.headers.get('expires'), new Date((NOW + 1) * 1000).toUTCString());
    assert.equal(response.headers.get('cache-control'), 'max-age=1, public');
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=UTF-8');
    await response.text();
    const headers = { 'if-modified-since': modified };
    assert.equal((await fetch(`${base}/node-list`, { headers })).status, 304);
    nowMs += 2000;
    assert.equal((await fetch(`${base}/node-list`, { headers })).status, 200);
  });

  it('is alive at once and ready when the source says so', async () => {
    source.ready = false;
    assert.equal((await fetch(`${base}/ready`)).status, 503);
    assert.equal(await text('/live'), 'OK');
    source.ready = true;
    assert.equal(await text('/ready', asJson), 'OK');
  });

  it('refuses what it does not have', async () => {
    for (const path of ['/nodes', '/node-list/', '/pause', '/node-list%00', '/%'])
      assert.ok([400, 404].includes((await fetch(base + path)).status), path);
    const headers = { accept: 'image/png' };
    assert.equal((await fetch(`${base}/node-list`, { headers })).status, 406);
  });

  it('stays up when a reader fails, and tells nothing about it', async () => {
    source.nodes = () => {
      throw new Error('hunter2');
    };
    const response = await fetch(`${base}/node-list`);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /hunter2/);
    assert.equal(await text('/live'), 'OK');
  });

  it('outlives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string(), async (bytes, query) => {
        const socket = connect(web.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.end(bytes);
        await fetch(`${base}/node-list?${encodeURI(query.toWellFormed())}`).then((one) =>
          one.text(),
        );
        socket.destroy();
        if (!socket.closed) await once(socket, 'close');
      }),
      { numRuns: 50 },
    );
    assert.equal(await text('/live'), 'OK');
  });

  it('says which address it cannot have', async () => {
    const clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => undefined };
    const options = { address: '127.0.0.1', port: web.port, source, clock, log: silentLogger };
    await assert.rejects(startWeb(options), { code: 'NP_WEB_LISTEN' });
  });
});
