import assert from 'node:assert/strict';

import { LOCATION } from '../../../../../fixtures/azure-cloud/ground.ts';
import { CloudError, hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import type { AzureServices } from '../../../../../shared/drivers/azure/client/services.ts';
import { Desk, never } from './opened.ts';

const FOOTED = 20 * 2 ** 20 + 512;

const upload = {
  location: LOCATION,
  creationData: { createOption: 'Upload', uploadSizeBytes: FOOTED },
};

describe('azure: what takes its time', () => {
  let desk: Desk;
  let services: AzureServices;
  beforeEach(async () => {
    desk = new Desk({ operationSeconds: 10 });
    ({ services } = await desk.open());
    desk.cloud.calls.length = 0;
  });
  afterEach(() => {
    desk.close();
  });

  const count = (call: string): number => desk.cloud.calls.filter((one) => one === call).length;

  describe('operations', () => {
    it('are looked after until their end, in turns', async () => {
      const disk = await desk.settle(services.disks.create('d', upload, never()));
      assert.equal(disk.name, 'd');
      assert.ok(count('GET operations') >= 5, 'until it is there');
    });

    it('go on though looks at them fail, hang, or are one too many', async () => {
      const call = 'GET operations';
      desk.cloud.arm({ call, mode: 'fail', status: 500, times: 4 });
      desk.cloud.arm({ call, mode: 'throttle', retryAfterSeconds: 5 });
      desk.cloud.arm({ call, mode: 'hang' });
      desk.cloud.arm({ call, mode: 'reset', times: 20 });
      const disk = await desk.settle(services.disks.create('d', upload, never()));
      assert.equal(disk.name, 'd');
      assert.equal(count('PUT disks/*'), 1, 'it is begun once');
    });

    it('that fail say why, sorted', async () => {
      const body = {
        status: 'Failed',
        error: { code: 'QuotaExceeded', message: 'Too many disks.' },
      };
      desk.cloud.arm({ call: 'GET operations', mode: 'fail', status: 200, body });
      await assert.rejects(desk.settle(services.disks.create('d', upload, never())), (error) => {
        assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_QUOTA'));
        assert.match(error.message, /QuotaExceeded: Too many disks\./);
        return true;
      });
    });

    it('that do not end are given up', async () => {
      const body = { status: 'InProgress' };
      desk.cloud.arm({ call: 'GET operations', mode: 'fail', status: 200, body, times: 1e6 });
      await assert.rejects(desk.settle(services.disks.create('d', upload, never())), (error) => {
        assert.ok(error instanceof CloudError && hasLabel(error, 'retryable'));
        assert.match(error.message, /does not end within 1800 s/);
        return true;
      });
    });

    it('end with their signal', async () => {
      const controller = new AbortController();
      const creating = services.disks.create('d', upload, controller.signal);
      creating.catch(() => undefined);
      await desk.clock.advance(3000);
      controller.abort(new Error('enough'));
      await assert.rejects(creating, (error) => hasCode(error, 'NP_ABORTED'));
    });
  });

  describe('an upload', () => {
    it('is written by whoever has the address, without a token, and becomes an image', async () => {
      const { disks, pages, images } = services;
      const disk = await desk.settle(disks.create('d', upload, never()));
      const url = await desk.settle(disks.grantWrite('d', 600, never()));
      const before = desk.requests.length;
      const bytes = new Uint8Array(1024).fill(7);
      const footer = Buffer.concat([Buffer.from('conectix'), Buffer.alloc(504)]);
      await desk.settle(pages.put(url, 512, bytes, never()));
      assert.deepEqual(
        desk.requests.slice(before).map(({ service }) => service),
        ['storage'],
      );
      const { upload: written } = desk.cloud.disks.disks.get('nodepool', 'd') ?? {};
      assert.deepEqual(written?.subarray(512, 1536), Buffer.from(bytes));
      assert.equal(written[1536], 0);
      await desk.settle(pages.put(url, FOOTED - 512, footer, never()));
      await desk.settle(disks.revoke('d', never()));
      await assert.rejects(desk.settle(pages.put(url, 0, bytes, never())), (error) => {
        assert.ok(error instanceof CloudError);
        assert.match(error.message, /^PUT storage .*status 403.*AuthenticationFailed/);
        assert.ok(
          !`${error.message} ${error.hint ?? ''}`.includes('sig='),
          'no signature is shown',
        );
        return true;
      });
      const id = disk.id ?? '';
      const osDisk = { osType: 'Linux', osState: 'Generalized', managedDisk: { id } } as const;
      await desk.settle(
        images.create(
          'i',
          { location: LOCATION, hyperVGeneration: 'V2', storageProfile: { osDisk } },
          never(),
        ),
      );
      assert.equal((await desk.settle(images.get('i', never())))?.provisioningState, 'Succeeded');
      assert.equal(await desk.settle(images.delete('i', never())), true);
      assert.equal(await desk.settle(images.get('i', never())), undefined);
      assert.equal(await desk.settle(disks.delete('d', never())), true);
      await desk.clock.advance(20_000);
      assert.equal(await desk.settle(disks.get('d', never())), undefined);
      assert.equal(await desk.settle(disks.delete('d', never())), false);
    });

    it('is not repeated by the client, and ends with its signal', async () => {
      const { disks, pages } = services;
      await desk.settle(disks.create('d', upload, never()));
      const url = await desk.settle(disks.grantWrite('d', 600, never()));
      const bytes = new Uint8Array(512);
      desk.cloud.arm({ call: 'PUT pages', mode: 'fail', status: 500 });
      await assert.rejects(desk.settle(pages.put(url, 0, bytes, never())), (error) =>
        hasLabel(error, 'retryable'),
      );
      assert.equal(count('PUT pages'), 1);
      desk.cloud.arm({ call: 'PUT pages', mode: 'hang' });
      const controller = new AbortController();
      const writing = pages.put(url, 0, bytes, controller.signal);
      writing.catch(() => undefined);
      await desk.clock.advance(1000);
      controller.abort(new Error('enough'));
      await assert.rejects(writing);
    });
  });
});
