import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { startWebApp, type WebServer } from '../../../shared/web/app.ts';
import { addDashboard } from '../../../shared/web/dashboard-files.ts';

describe('files of the dashboard', () => {
  let folder: string;
  let web: WebServer;
  let base: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>x</title>');
    await writeFile(join(folder, 'app.js'), 'export {};');
    await writeFile(join(folder, 'types.ts'), 'export {};');
    const options = { address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger };
    web = await startWebApp({ ...options, isReady: () => true }, (app) => {
      addDashboard(app, pathToFileURL(`${folder}/`));
    });
    base = `http://127.0.0.1:${web.port}`;
  });
  after(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  it('are sent with their types, and with a policy that lets nothing else in', async () => {
    const page = await fetch(`${base}/`);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=UTF-8');
    assert.equal(await page.text(), '<!doctype html><title>x</title>');
    const script = await fetch(`${base}/dashboard/app.js?v=1`);
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=UTF-8');
    for (const { headers } of [page, script]) {
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src/);
      assert.doesNotMatch(policy, /unsafe|\*|http/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
  });

  it('are not sent again to who has them', async () => {
    const first = await fetch(`${base}/dashboard/app.js`);
    const etag = first.headers.get('etag') ?? '';
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const headers = { 'if-none-match': known };
      const again = await fetch(`${base}/dashboard/app.js`, { headers });
      assert.deepEqual([again.status, await again.text()], [304, ''], known);
    }
    const headers = { 'if-none-match': '"other"' };
    assert.equal((await fetch(`${base}/dashboard/app.js`, { headers })).status, 200);
    const head = await fetch(base, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '31']);
  });

  it('are those of the folder and no others', async () => {
    const paths = ['types.ts', 'no.js', '..%2fapp.js', '%2e%2e%2fapp.js', '', 'constructor', '%00'];
    for (const path of paths) {
      const { status } = await fetch(`${base}/dashboard/${path}`);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    }
    const posted = await fetch(base, { method: 'POST', body: 'x' });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  });
});
