import assert from 'node:assert/strict';

import { hasCode } from '../../../../../shared/base/errors.ts';
import { endpointFor } from '../../../../../shared/drivers/gce/client/endpoint.ts';

describe('the address of gce', () => {
  it("is Google's, or the one of the extension", () => {
    assert.equal(endpointFor(undefined).origin, 'https://compute.googleapis.com');
    const endpoint = 'http://127.0.0.1:8080';
    assert.equal(endpointFor({ endpoint }).origin, endpoint);
  });

  for (const wrong of [
    { endpoint: 'ftp://host' },
    { endpoint: 'https://host/path' },
    { endpoint: 'https://host?x' },
    { endpoint: 'https://me:secret@host' },
    { endpoints: 'https://host' },
    'text',
  ])
    it(`is not ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => endpointFor(wrong),
        (error: Error) =>
          hasCode(error, 'NP_CONFIG_INVALID') &&
          error.message.startsWith('extensions: drivers: gce: '),
      );
    });
});
